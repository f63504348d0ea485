/** The colours of every page, light and dark; text on its ground has a contrast of at least 4.5 to 1. */
export const PALETTE = `
:root{color-scheme:light dark;--bg:#f4f5fa;--card:#fff;--ink:#1c2540;--soft:#525c78;--line:#d5d9e6;--field:#7b84a0;--brand:#5142d6;--brand-ink:#fff;--ok:#0e6b45;--no:#a3262c;--tint:#eeecfd;--warn:#fff3d9;--warn-ink:#6b4500;--bad:#fde9e9}
@media (prefers-color-scheme:dark){:root{--bg:#12151f;--card:#1b2030;--ink:#e8ebf5;--soft:#aab2cb;--line:#343c54;--field:#7f89a8;--brand:#a99fff;--brand-ink:#14112e;--ok:#5fd3a0;--no:#ff9a9a;--tint:#282646;--warn:#3a2f12;--warn-ink:#ffd98a;--bad:#3d1f25}}
*{box-sizing:border-box}
html{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--bg);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0}
`;
