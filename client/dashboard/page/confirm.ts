import { button, el } from "./dom.ts";

/** Asks whether to do something. Resolves to the answer; closing the dialog means no. */
export function confirmed(question: string, explanation: string, yes: string): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (answer: boolean) => {
      resolve(answer);
      dialog.remove();
    };
    const dialog = el(
      "dialog",
      { "aria-labelledby": "question" },
      el("h2", { id: "question" }, question),
      el("p", {}, explanation),
      el(
        "div",
        { class: "buttons" },
        button("Cancel", () => end(false), { autofocus: "" }),
        button(yes, () => end(true), { class: "main" }),
      ),
    );
    dialog.addEventListener("cancel", () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
