/** The style of the dashboard's page. Nothing moves by itself, so there is no motion to reduce. */
export const DASHBOARD_STYLE = `
*{box-sizing:border-box}
[hidden]{display:none!important}
html{color-scheme:light dark}
body{margin:0;background:var(--page);color:var(--text);font:14px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif}
#app{max-width:1700px;margin:0 auto;padding:0 20px 24px}
header{display:flex;gap:12px;align-items:baseline;padding:12px 0;border-bottom:1px solid var(--line);margin-bottom:14px}
header strong{font-size:16px}
.cluster{color:var(--faint);text-decoration:none;overflow-wrap:anywhere}
.connection{margin-left:auto;color:var(--faint);white-space:nowrap}
.connection::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--bad);margin-right:6px}
.connection.is-live::before{background:var(--c1)}
a{color:var(--focus)}
h1{font-size:20px;margin:0;overflow-wrap:anywhere}
h2{font-size:15px;margin:0 0 6px}
h3{font-size:14px;margin:10px 0 4px}
p{margin:0 0 8px}
.faint{color:var(--faint)}
button,select{font:inherit;color:var(--text);background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:4px 12px;min-height:32px;cursor:pointer}
button:hover:not(:disabled),select:hover{border-color:var(--faint)}
button:disabled{color:var(--faint);opacity:.55;cursor:default}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.bad-text{color:var(--bad)}
.news{padding:8px 12px;border-radius:8px;background:var(--panel);border-left:4px solid var(--c0);overflow-wrap:anywhere}
.trouble{border-color:var(--bad)}
.tiles{list-style:none;margin:0 0 14px;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(110px,1fr));gap:8px}
.tiles li{background:var(--panel);border-radius:8px;padding:8px 12px;display:flex;flex-direction:column}
.tiles b{font-size:22px;line-height:1.25;font-variant-numeric:tabular-nums}
.tiles span{color:var(--faint)}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:20px;margin-bottom:16px}
.chart{margin:0;min-width:0}
.chart canvas{display:block;width:100%;height:90px}
figcaption{font-weight:600}
.columns{display:grid;grid-template-columns:minmax(0,8fr) minmax(0,5fr);gap:20px}
.table{border:1px solid var(--line);border-radius:8px;overflow:hidden}
.rows{overflow-y:auto;overflow-x:hidden;max-height:max(280px,calc(100vh - 330px));position:relative}
.heads{position:sticky;top:0;z-index:1}
.tasks .table{max-width:760px}
.room{position:relative}
.row{display:grid;grid-template-columns:var(--wide);gap:10px;align-items:center;height:34px;padding:0 12px}
.room .row{position:absolute;left:0;right:0;border-top:1px solid var(--idle)}
.can-open{cursor:pointer}
.can-open:hover{background:var(--panel)}
.row[aria-selected=true]{background:var(--idle)}
.table:focus-visible .row[aria-selected=true]{outline:2px solid var(--focus);outline-offset:-2px}
.row>div{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.head{color:var(--faint);background:var(--panel)}
.number{text-align:right;font-variant-numeric:tabular-nums}
.number+div:not(.number),.number+.wide:not(.number)+div:not(.number){padding-left:6px}
.state::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--faint);margin-right:6px}
.state.running::before{background:var(--c0)}
.state.done::before,.state.ok::before{background:var(--c1)}
.state.failed::before,.state.error::before,.state.lost::before,.state.timeout::before{background:var(--bad);border-radius:1px}
.state.waiting::before,.state.draining::before{background:var(--c2)}
.state.cold::before,.state.queued::before,.state.pending::before{background:none;border:1.5px solid var(--faint)}
.bar{display:flex;height:8px;border-radius:4px;overflow:hidden;background:var(--idle);flex:1;min-width:20px}
.bar i{display:block;flex:none}
.bar i:first-child{flex:0 1 auto}
.bar .ok{background:var(--c1)}
.bar .bad{background:var(--bad)}
.bar .run{background:var(--c0)}
.row>div:has(>.bar),.progress{display:flex;gap:10px;align-items:center}
.count{font-variant-numeric:tabular-nums;white-space:nowrap}
.row .count{min-width:70px;text-align:right}
.empty{color:var(--faint);padding:14px;margin:0}
nav{margin-bottom:8px}
.title{display:flex;gap:14px;align-items:baseline;margin-bottom:8px}
.progress .bar{height:12px;border-radius:6px}
.facts{display:flex;flex-wrap:wrap;gap:4px 22px;margin:10px 0}
.facts div{display:flex;gap:6px;min-width:0}
.facts dt{color:var(--faint);flex:none}
.facts dd{margin:0;overflow-wrap:anywhere}
.buttons{display:flex;flex-wrap:wrap;gap:8px;margin:12px 0}
[role=tablist]{display:flex;gap:4px;border-bottom:1px solid var(--line);margin:14px 0 12px;overflow-x:auto;padding:3px 3px 0}
[role=tab]{border:0;background:none;border-bottom:3px solid transparent;border-radius:6px 6px 0 0;white-space:nowrap}
[role=tab][aria-selected=true]{border-bottom-color:var(--focus);font-weight:600}
article{border:1px solid var(--line);border-left:4px solid var(--faint);border-radius:8px;padding:10px 14px;margin-bottom:12px}
.failures article{border-left-color:var(--bad)}
.failures h3{margin-top:0}
.times{color:var(--bad)}
.message{white-space:pre-wrap;overflow-wrap:anywhere}
pre{margin:0 0 8px;padding:8px 10px;background:var(--panel);border-radius:6px;overflow:auto;max-height:340px;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.links{display:flex;flex-wrap:wrap;gap:4px 10px;margin:0;color:var(--faint)}
.tools{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin-bottom:8px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 10px;padding:0}
.legend li{display:inline-flex;gap:6px;align-items:center;max-width:100%;overflow-wrap:anywhere}
.legend i{width:12px;height:12px;border-radius:3px;flex:none}
.legend .failed{border:1.5px solid var(--bad);border-bottom-width:4px}
.legend .mark{width:9px;height:9px;border:1.5px solid var(--bad);border-radius:0;transform:rotate(45deg)}
.legend .cold{width:18px;height:0;border-top:2px dashed var(--faint);border-radius:0}
.legend .fetched{height:4px;border-radius:0;background:var(--faint)}
.legend .parked{background:none;border:1.5px solid var(--faint)}
.legend .report{height:2px;border-radius:0;background:var(--faint)}
.stream-rows{overflow-x:hidden;overflow-y:auto;border:1px solid var(--line);border-radius:8px}
.stream-rows canvas{position:sticky;top:0;display:block;width:100%;touch-action:pan-y;cursor:crosshair}
.stream-rows canvas:focus-visible{outline-offset:-2px}
.graph-view{overflow:auto;max-height:min(64vh,660px);border:1px solid var(--line);border-radius:8px;margin-bottom:8px}
.graph-view canvas{position:sticky;left:0;top:0;display:block}
.graph-view canvas:focus-visible{outline-offset:-2px}
.graph .legend i{border-radius:50%}
.graph .legend li:nth-child(2) i{border-radius:1px}
.tip{position:fixed;z-index:2;max-width:min(420px,90vw);pointer-events:none;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:6px 10px;box-shadow:0 2px 10px #0004;overflow-wrap:anywhere;white-space:pre-line}
.details{min-height:64px;margin:10px 0;padding:10px 12px;background:var(--panel);border-radius:8px}
.details p{margin:0}
.details dl{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0}
.details dl div{display:flex;gap:6px;min-width:0}
.details dt{color:var(--faint);flex:none}
.details dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
dialog{max-width:min(460px,92vw);color:var(--text);background:var(--page);border:1px solid var(--line);border-radius:10px;padding:18px 20px}
dialog::backdrop{background:#0008}
dialog .buttons{justify-content:flex-end;margin:14px 0 0}
.main{background:var(--focus);color:var(--on);border-color:var(--focus)}
@media (max-width:1500px){.columns{grid-template-columns:minmax(0,1fr)}.rows{max-height:60vh}}
@media (max-width:620px){#app{padding:0 10px 16px}.charts{grid-template-columns:minmax(0,1fr);gap:10px}.tiles{grid-template-columns:repeat(3,1fr)}.tiles li:last-child{grid-column:1/-1}.tiles b{font-size:18px}.row{grid-template-columns:var(--narrow);gap:8px;padding:0 8px}.row>.wide{display:none}.row .count{min-width:0}.row .bar{display:none}}
@media (forced-colors:active){.bar i,.state::before{forced-color-adjust:none}}
`.replaceAll("\n", "");
