/** Styles that all charts share, in light mode. */
export function lightPage(): string {
  return [
    "text{font:12px system-ui,sans-serif;fill:#1f2328}.heading{font-size:16px;font-weight:600}.tick{text-anchor:middle}",
    ".page{fill:#fff}.grid{stroke:#d1d9e0}",
  ].join("");
}

/** What differs in dark mode. */
export function darkPage(): string {
  return "text{fill:#f0f6fc}.page{fill:#0d1117}.grid{stroke:#3d444d}";
}

/** Returns a text; its class is `kind`. */
export function text(x: number, y: number, kind: string, content: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escaped(content)}</text>`;
}

/** Returns a polygon. `corners` are offsets from x and y, in turn. */
export function polygon(x: number, y: number, corners: readonly number[]): string {
  const points = corners.map((offset, at) => round((at % 2 === 0 ? x : y) + offset));
  return `<polygon points="${points.join(" ")}"/>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for XML. */
export function escaped(raw: string): string {
  return raw.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Rounds to a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
