import { PALETTE } from '../page';

/** The look of the run pages; allowed by its own hash in the pages' security policy. */
export const STYLE = `${PALETTE}
:root{--busy:#1f5fbf;--busy-ground:#e3edfc;--done-ground:#dff3e8;--wait-ground:#fff3d9;--bad-ground:#fde9e9;--idle-ground:#eef0f6}
@media (prefers-color-scheme:dark){:root{--busy:#8ab8ff;--busy-ground:#1f3354;--done-ground:#17382b;--wait-ground:#3a2f12;--bad-ground:#3d1f25;--idle-ground:#262d40}}
main{max-width:76rem;margin:0 auto;padding:1.25rem 1rem 3rem}
a{color:var(--brand);overflow-wrap:anywhere}
.brand{display:flex;align-items:center;gap:.6rem;color:var(--soft);font-size:.9rem;margin:0 0 1rem}
.brand svg{width:1.5rem;height:1.5rem;flex:none;color:var(--brand)}
h1{font-size:1.5rem;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:0 0 .6rem}
p{margin:.4rem 0}
.head{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .8rem;margin:0 0 .8rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.1rem;margin:0 0 1rem}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(8rem,1fr));gap:.7rem 1rem;margin:0}
.facts dt{color:var(--soft);font-size:.83rem}
.facts dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.muted,.remark,.kind,.hint{color:var(--soft)}
.remark{font-size:.86rem;margin:.2rem 0 0;max-width:34rem;overflow-wrap:anywhere}
.kind{font-weight:400;font-size:.83rem;display:block}
.error{color:var(--no)}
.note{border-radius:.6rem;padding:.7rem .9rem;margin:0 0 1rem;border-left:4px solid}
.note p{margin:0}
.failure{background:var(--bad);color:var(--no);border-color:var(--no)}
.asked{background:var(--wait-ground);color:var(--warn-ink);border-color:var(--warn-ink)}
.asked a{color:inherit}
.badge{display:inline-block;border-radius:1rem;padding:.05rem .65rem;font-weight:600;font-size:.83rem;white-space:nowrap;margin-right:.3rem;border:1px solid currentColor}
.badge.busy{color:var(--busy);background:var(--busy-ground)}
.badge.done{color:var(--ok);background:var(--done-ground)}
.badge.wait{color:var(--warn-ink);background:var(--wait-ground)}
.badge.bad{color:var(--no);background:var(--bad-ground)}
.badge.idle,.badge.gone{color:var(--soft);background:var(--idle-ground)}
.badge.reused{color:var(--brand);background:var(--tint)}
progress{width:100%;height:.7rem;accent-color:var(--brand);display:block;margin:.3rem 0 0}
.scroll{overflow-x:auto;outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600;font-size:.83rem;white-space:nowrap;position:sticky;top:0;background:var(--card)}
tbody th{font-weight:600;min-width:9rem;overflow-wrap:anywhere}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.wide{width:32%;min-width:9rem}
.bar{display:block;width:100%;height:1.1rem;margin:.15rem 0;background:var(--idle-ground);border-radius:.25rem}
rect.busy{fill:var(--busy)}rect.done{fill:var(--ok)}rect.wait{fill:var(--warn-ink)}rect.bad{fill:var(--no)}rect.idle,rect.gone{fill:var(--field)}
.graph{display:block}
.graph rect{stroke-width:1.5}
.graph rect.busy{fill:var(--busy-ground);stroke:var(--busy)}
.graph rect.done{fill:var(--done-ground);stroke:var(--ok)}
.graph rect.wait{fill:var(--wait-ground);stroke:var(--warn-ink)}
.graph rect.bad{fill:var(--bad-ground);stroke:var(--no)}
.graph rect.idle{fill:var(--idle-ground);stroke:var(--field)}
.graph rect.gone{fill:var(--idle-ground);stroke:var(--field);stroke-dasharray:4 3}
.graph text{fill:var(--ink);font-size:13px}
.graph .name{font-weight:600}
.graph .state{fill:var(--soft);font-size:11px}
.graph.dots rect.busy{fill:var(--busy)}.graph.dots rect.done{fill:var(--ok)}.graph.dots rect.wait{fill:var(--warn-ink)}.graph.dots rect.bad{fill:var(--no)}
.edges{fill:none;stroke:var(--field);stroke-width:1.4;opacity:.65}
form label{display:block;padding:.3rem 0}
form>label,legend{font-weight:600;padding:0 0 .4rem}
fieldset{border:0;margin:0;padding:0}
textarea{width:100%;box-sizing:border-box;font:inherit;color:inherit;background:var(--card);border:1px solid var(--field);border-radius:.5rem;padding:.5rem .6rem}
button{font:inherit;font-weight:600;color:var(--brand-ink);background:var(--brand);border:0;border-radius:.5rem;padding:.55rem 1.1rem;cursor:pointer}
.shown{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--tint);border-radius:.5rem;padding:.6rem .8rem;margin:.4rem 0 .8rem;max-height:24rem;overflow:auto;font-size:.9rem}
ul.plain{list-style:none;margin:0;padding:0}
ul.plain li{padding:.25rem 0}
nav{display:flex;flex-wrap:wrap;gap:.3rem .5rem;margin:0 0 .9rem;font-size:.92rem}
nav a{display:inline-block;padding:.25rem .8rem;border:1px solid var(--line);border-radius:1rem;text-decoration:none;background:var(--card)}
nav a[aria-current]{background:var(--brand);border-color:var(--brand);color:var(--brand-ink)}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px}
footer{color:var(--soft);font-size:.85rem;margin-top:1.2rem}
@media (max-width:40rem){main{padding:.9rem .7rem 2rem}.card{padding:.8rem .75rem}h1{font-size:1.25rem}.steps .wide{min-width:6rem}}
`;
