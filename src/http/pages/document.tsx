// Owns what all pages have alike: the document around their words, and the headers that say what a browser may do with it.
// Never markup that is not escaped, but for its own style and script.

import { createHash } from 'node:crypto';
import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Fields } from '../../oauth/page.ts';
import { type Headers, SAFETY, UNCACHED } from '../response-header.ts';
import { STYLE } from './style.ts';

/** A whole answer but for its status. */
export interface Rendered {
  readonly html: string;
  readonly headers: Headers;
}

interface Content {
  /** The heading, and the title of the window. */
  readonly title: string;
  readonly children: ComponentChildren;
  /** Whether it has a form. */
  readonly submits?: boolean | undefined;
  /** An https URL: the one picture that may be fetched. */
  readonly picture?: string | undefined;
  /** Runs at the end of the page. */
  readonly script?: string | undefined;
}

/** The page with its one `h1`. */
export function renderDocument({ title, children, submits, picture, script }: Content): Rendered {
  const html = renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <Verbatim tag="style" text={STYLE} />
      </head>
      <body>
        <main>
          {picture === undefined ? null : <img src={picture} alt="" referrerpolicy="no-referrer" />}
          <h1>{title}</h1>
          {children}
        </main>
        {script === undefined ? null : <Verbatim tag="script" text={script} />}
      </body>
    </html>,
  );
  return { html: `<!doctype html>\n${html}\n`, headers: headersOf({ submits, picture, script }) };
}

/** A style or script of this folder: browsers read both as they stand, so no character of them can be escaped. */
function Verbatim({ tag: Tag, text }: { readonly tag: 'style' | 'script'; readonly text: string }) {
  return <Tag dangerouslySetInnerHTML={{ __html: text }} />;
}

/** The hidden inputs of a form. */
export function Hidden({ fields }: { readonly fields: Fields }) {
  return Object.entries(fields).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />);
}

/** Style and script are allowed by their digests; everything else, and framing, is refused (P:S-025, P:O-087). */
function headersOf({ submits, picture, script }: Pick<Content, 'submits' | 'picture' | 'script'>): Headers {
  const policy = [
    "default-src 'none'",
    `style-src '${STYLE_DIGEST}'`,
    ...(script === undefined ? [] : [`script-src '${digest(script)}'`]),
    ...(picture === undefined ? [] : [`img-src ${new URL(picture).origin}`]),
    "base-uri 'none'",
    // A page with a form has no form-action at all. Browsers ask it of every redirect that follows on the form, also of those
    // of the client's own site, which nobody here knows: naming the server and the redirect_uri would stop logins.
    ...(submits === true ? [] : ["form-action 'none'"]),
    "frame-ancestors 'none'",
  ];
  return {
    ...SAFETY,
    ...UNCACHED,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-frame-options': 'DENY',
  };
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

const STYLE_DIGEST = digest(STYLE);
