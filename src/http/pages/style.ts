// Owns how the pages that people see look: one style sheet, for narrow and wide windows, light and dark. Never a font, a
// picture or anything else that would have to be fetched.

/** As it stands in the page: its digest allows it, so each character counts. */
export const STYLE = [
  ':root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--line:#8c959f;--back:#f6f8fa;--card:#fff;--act:#0a58ca;--on-act:#fff;--bad:#a40e26}',
  '@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa4af;--line:#6e7681;--back:#0d1117;--card:#161b22;--act:#6cb0ff;--on-act:#0d1117;--bad:#ff9b95}}',
  '*{box-sizing:border-box}',
  'body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}',
  'main{max-width:26rem;margin:12vh auto 2rem;padding:2rem;background:var(--card);border-radius:.75rem;box-shadow:0 0 0 1px color-mix(in srgb,var(--line) 35%,transparent)}',
  '@media(max-width:30rem){main{margin:0;min-height:100vh;padding:2rem 1.25rem;border-radius:0;box-shadow:none}}',
  'h1{margin:0 0 1rem;font-size:1.5rem;font-weight:600;line-height:1.25}',
  'p{margin:0 0 1rem}ul{margin:0 0 1rem;padding-left:1.25rem}li{margin-bottom:.5rem}',
  'code,dd{font-family:ui-monospace,monospace;font-size:.875rem}code{color:var(--dim)}',
  'dl{margin:2rem 0 0;font-size:.875rem}dt{color:var(--dim)}dd{margin:0 0 .75rem}',
  'img{display:block;max-width:100%;max-height:3rem;margin:0 0 1rem}',
  'a{color:var(--act)}',
  'label{display:block;margin:0 0 .25rem;font-weight:600}',
  'input,button{width:100%;min-height:2.75rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.5rem;font:inherit;color:inherit;background:var(--card)}',
  'input{margin:0 0 1rem}',
  '[type=checkbox]{flex:none;width:1.25rem;min-height:1.25rem;height:1.25rem;margin:.125rem 0 0;accent-color:var(--act)}',
  '.rows{padding:0;list-style:none}.rows>li{margin:0;padding:1rem 0;border-bottom:1px solid color-mix(in srgb,var(--line) 35%,transparent)}',
  '.pick{display:flex;gap:.75rem}.more{margin:0 0 0 2rem;font-size:.875rem}.more p{margin:0;color:var(--dim)}.more ul{margin:.25rem 0 0}.more li{margin:0}',
  'button{margin:.5rem 0 0;font-weight:600;cursor:pointer}',
  '.act{background:var(--act);border-color:var(--act);color:var(--on-act)}',
  '.bad{padding:.625rem .75rem;border:1px solid var(--bad);border-left-width:.25rem;border-radius:.5rem;color:var(--bad)}',
  '.good{padding:.625rem .75rem;border:1px solid var(--line);border-left:.25rem solid var(--act);border-radius:.5rem}',
  '.dim{margin:1.5rem 0 0;font-size:.875rem;color:var(--dim)}',
  ':focus-visible{outline:3px solid var(--act);outline-offset:2px}',
].join('');
