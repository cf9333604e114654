/** The style of a timeline's page. It needs no rule for `prefers-reduced-motion`, because nothing moves by itself. */
export const PAGE_STYLE = `
*{box-sizing:border-box}
html{color-scheme:light dark}
body{margin:0;padding:16px 20px;background:var(--page);color:var(--text);font:14px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:20px;margin:0 0 2px}
header p{margin:0 0 12px;color:var(--faint)}
#tools{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin-bottom:8px}
button,select{font:inherit;color:var(--text);background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:4px 10px;min-height:30px}
button:hover,select:hover{border-color:var(--faint)}
button:disabled{color:var(--faint);opacity:.6}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
label{display:inline-flex;gap:6px;align-items:center;color:var(--faint)}
#legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 10px;padding:0}
#legend li{display:inline-flex;gap:6px;align-items:center;max-width:100%;overflow-wrap:anywhere}
#legend i{width:12px;height:12px;border-radius:3px;flex:none}
#legend .failed{border:1.5px solid var(--bad);border-bottom-width:4px}
#legend .mark{width:9px;height:9px;border:1.5px solid var(--bad);border-radius:0;transform:rotate(45deg)}
#legend .cold{width:18px;height:0;border-top:2px dashed var(--faint);border-radius:0}
#legend .fetched{height:4px;border-radius:0;background:var(--faint)}
#legend .parked{background:none;border:1.5px solid var(--faint)}
#legend .report{height:2px;border-radius:0;background:var(--faint)}
#view{max-height:72vh;overflow-x:hidden;overflow-y:auto;border:1px solid var(--line);border-radius:8px;background:var(--page)}
#room{min-height:100%}
#chart{position:sticky;top:0;display:block;width:100%;touch-action:pan-y;cursor:crosshair}
#chart:focus-visible{outline-offset:-2px}
#tip{position:fixed;z-index:2;max-width:min(420px,90vw);pointer-events:none;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:6px 10px;box-shadow:0 2px 10px #0004;overflow-wrap:anywhere;white-space:pre-line}
#details{min-height:74px;margin:10px 0;padding:10px 12px;background:var(--panel);border-radius:8px}
#details p{margin:0;color:var(--faint)}
dl{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0}
dl div{display:flex;gap:6px;min-width:0}
dt{color:var(--faint);flex:none}
dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
details{margin:6px 0}
summary{cursor:pointer}
kbd{font:inherit;border:1px solid var(--line);border-radius:4px;padding:0 5px}
table{border-collapse:collapse;margin-top:6px}
th,td{text-align:right;padding:2px 14px 2px 0;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}
@media (max-width:600px){body{padding:10px}#details{min-height:120px}}
@media (forced-colors:active){#legend i{forced-color-adjust:none}}
`.replaceAll("\n", "");
