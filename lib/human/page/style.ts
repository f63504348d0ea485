import { PALETTE } from '../../page';

/** The look of every page: one style sheet, allowed by its own hash in the page's security policy. */
export const STYLE = `${PALETTE}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem}
.brand{display:flex;align-items:center;gap:.6rem;color:var(--soft);font-size:.9rem;margin:0 0 1rem}
.brand svg{width:1.6rem;height:1.6rem;flex:none}
.brand .mark{stroke:var(--brand)}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem;outline-offset:.3rem}
h2{font-size:1.1rem;margin:0 0 .75rem}
h3,h4,h5,h6{font-size:1rem;margin:1rem 0 .25rem}
p{margin:.5rem 0}
a{color:var(--brand);overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.1rem 1.25rem;margin:0 0 1rem}
.card>:first-child{margin-top:0}.card>:last-child{margin-bottom:0}
p+.facts{margin-top:.9rem}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0;font-size:.93rem}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
.tree{margin:0}
.tree>div{padding:.45rem 0;border-top:1px solid var(--line)}
.tree>div:first-child{border-top:0;padding-top:0}
.tree dt{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
.tree dd{margin:.1rem 0 0}
.tree .tree{border-left:3px solid var(--line);padding-left:.8rem;margin-top:.3rem}
.list{margin:.2rem 0;padding-left:1.4rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere}
.muted,.help,.host{color:var(--soft)}
.help{font-size:.9rem;margin:.1rem 0 .3rem}
.scroll{overflow-x:auto;margin:.3rem 0}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);min-width:5rem;overflow-wrap:anywhere}
th{color:var(--soft);font-weight:600}
pre,.mono{font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--bg);border:1px solid var(--line);border-radius:.5rem;padding:.75rem;margin:.5rem 0;max-height:24rem;overflow:auto}
.mono{overflow-wrap:anywhere}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
blockquote{margin:.5rem 0;padding-left:.9rem;border-left:3px solid var(--line);color:var(--soft)}
hr{border:0;border-top:1px solid var(--line)}
summary{cursor:pointer;color:var(--soft);padding:.3rem 0}
.note{border-radius:.6rem;padding:.7rem .9rem;margin:0 0 1rem;border-left:4px solid}
.note p{margin:0}
.warn{background:var(--warn);color:var(--warn-ink);border-color:var(--warn-ink)}
.bad{background:var(--bad);color:var(--no);border-color:var(--no)}
.info{background:var(--tint);border-color:var(--brand)}
.hidden-character{background:var(--warn);color:var(--warn-ink);border:1px solid currentColor;border-radius:.25rem;font-size:.75em;padding:0 .25em;margin:0 .1em;white-space:nowrap}
fieldset{border:0;padding:0;margin:0 0 1rem;min-width:0}
legend,label.top{display:block;font-weight:600;padding:0;margin:0 0 .15rem}
.field{margin:0 0 1.1rem}
input,textarea,select,button{font:inherit;color:inherit}
input[type=text],input[type=email],input[type=date],input[type=password],select,textarea{width:100%;background:var(--card);border:1px solid var(--field);border-radius:.5rem;padding:.55rem .7rem;min-height:2.75rem}
textarea{min-height:6rem;resize:vertical}
textarea.code{font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;min-height:16rem}
[aria-invalid=true]{border-color:var(--no)!important;border-width:2px!important}
.problem{color:var(--no);font-weight:600;margin:.25rem 0 0}
.option{display:flex;gap:.6rem;align-items:flex-start;padding:.35rem 0;min-height:2.5rem}
.option input{width:1.25rem;height:1.25rem;margin:.15rem 0 0;flex:none;accent-color:var(--brand)}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:.25rem 0 0}
button{border-radius:.6rem;border:2px solid var(--brand);background:var(--card);color:var(--brand);font-weight:600;padding:.6rem 1.4rem;min-height:2.9rem;min-width:8rem;cursor:pointer}
button.main{background:var(--brand);color:var(--brand-ink)}
button.no{border-color:var(--no);color:var(--no)}
button:hover{filter:brightness(1.08)}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px}
h1:focus{outline:none}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;padding:0;border:0;overflow:hidden;clip-path:inset(50%);min-width:0;min-height:0}
.badge{display:inline-block;border-radius:1rem;padding:.1rem .7rem;font-weight:600;font-size:.9rem;border:1px solid currentColor}
.approved{color:var(--ok)}.rejected{color:var(--no)}
.del{color:var(--no)}.ins{color:var(--ok)}
details.pass-on{border-top:1px solid var(--line);margin-top:1.1rem;padding-top:.5rem}
details.pass-on[open] summary{margin-bottom:.3rem}
details.pass-on>.help{margin-bottom:.9rem}
fieldset.decide{margin-top:1.1rem}
footer{color:var(--soft);font-size:.85rem;margin-top:1.5rem}
@media (max-width:30rem){main{padding:1rem .75rem 2rem}.facts{grid-template-columns:1fr}.facts dd{margin-bottom:.4rem}.actions{flex-direction:column}button{width:100%}h1{font-size:1.35rem}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{.actions,button{display:none}}
`;
