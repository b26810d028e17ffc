// The widget's own style sheet: it reaches nothing of the page, and nothing of the page reaches it.
export const style = `
:host{all:initial;--p:#fff;--i:#1b2530;--q:#55606c;--e:#7d8794;--a:#0a58a8;--o:#fff;--b:#a83a00;color-scheme:light;
position:fixed;inset-block-end:16px;inset-inline-end:16px;z-index:2147483000;font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--i)}
:host(.dark){--p:#182029;--i:#f0f3f6;--q:#a9b4bf;--e:#6f7b88;--a:#7ab8ff;--o:#0b1a2b;--b:#ff9d66;color-scheme:dark}
@media(prefers-color-scheme:dark){:host(.auto){--p:#182029;--i:#f0f3f6;--q:#a9b4bf;--e:#6f7b88;--a:#7ab8ff;--o:#0b1a2b;--b:#ff9d66;color-scheme:dark}}
*{box-sizing:border-box}[hidden]{display:none!important}
button,textarea,.f{font:inherit;color:inherit;border:1px solid var(--e);border-radius:8px;background:var(--p)}
button{min-height:40px;padding:8px 16px;cursor:pointer}
.go{background:var(--a);color:var(--o);border-color:var(--a);font-weight:600}
.k{border-color:transparent;background:none;color:var(--a);text-decoration:underline;padding:8px 0}
.h{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.x{position:absolute;inset-block-start:8px;inset-inline-end:8px;width:40px;padding:0;border-color:transparent;background:none;font-size:22px;line-height:1}
.open{box-shadow:0 2px 8px #0003;border-radius:20px}
section{position:relative;width:min(400px,calc(100vw - 32px));max-height:calc(100vh - 32px);overflow:auto;padding:20px;background:var(--p);border:1px solid var(--e);border-radius:12px;box-shadow:0 6px 24px #0004;overflow-wrap:break-word}
h2{font-size:17px;line-height:1.3;margin:0;padding-inline-end:36px}p{margin:8px 0}
fieldset{border:0;margin:12px 0;padding:0;min-width:0}legend{padding:0;margin-bottom:6px}
.s{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:3px}.s label{position:relative;min-height:40px}
@media(max-width:431px){.m{grid-auto-flow:row;grid-template-columns:repeat(6,1fr)}}
.s input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.s span{display:flex;align-items:center;justify-content:center;height:100%;min-height:40px;padding:2px 4px;border:1px solid var(--e);border-radius:8px}
.s :checked+span{background:var(--a);border-color:var(--a);color:var(--o);font-weight:600}
.ends{display:flex;justify-content:space-between;gap:12px;color:var(--q);font-size:13px;margin-block-start:4px}
.w{display:block;margin:12px 0}textarea,.f{display:block;width:100%;margin-block-start:4px;padding:8px 10px}textarea{min-height:76px;resize:vertical}
.f{min-height:40px}.e{color:var(--b);font-weight:600}.r{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center}a{color:var(--a)}
.s :focus-visible+span,:focus-visible{outline:2px solid var(--a);outline-offset:2px}
@media(forced-colors:active){.s :checked+span{outline:3px solid Highlight}}
@media print{:host{display:none}}`;
