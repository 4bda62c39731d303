// Owns that a page is rendered once for all who are shown the same: what differs with every request, hidden fields and who is signed in,
// is put in the places that were left for it. Never knows what stands in a page, and never puts in a text that is not escaped.

import { randomUUID } from 'node:crypto';
import { renderToString } from 'preact-render-to-string';
import { boundedCache } from '../../oauth/bounded-cache.ts';
import type { Fields } from '../../oauth/page.ts';
import { Hidden, type Rendered } from './document.tsx';

/** What is different for everybody. */
interface Personal {
  readonly fields: Fields;
  readonly user?: string;
}

/** Of a few kilobytes each: one for each client, language and choice of scopes. */
const KEPT_AT_MOST = 1000;

/** Known to nobody outside this process, so that no name of a client or scope reads like a place. */
const PLACE = randomUUID();
const FIELDS = { [PLACE]: '' };
const PLACE_OF_FIELDS = renderToString(<Hidden fields={FIELDS} />);

/** `render` by way of what was rendered before. It has to show `fields` by Hidden, and `user` as a text between elements. */
export function keepRendered<Page extends Personal>(render: (page: Page) => Rendered): (page: Page) => Rendered {
  const kept = boundedCache<Rendered>(KEPT_AT_MOST);
  return (page) => {
    const { fields, user } = page;
    const common = { ...page, fields: FIELDS, ...(user === undefined ? {} : { user: PLACE }) };
    const key = JSON.stringify(common);
    const known = kept.get(key);
    const { html, headers } = known ?? render(common);
    if (known === undefined) kept.set(key, { html, headers });
    // A function each: in a text `$&` and the like would mean something.
    const filled = html.replace(PLACE_OF_FIELDS, () => renderToString(<Hidden fields={fields} />));
    const whole = user === undefined ? filled : filled.replace(PLACE, () => renderToString(<Text text={user} />));
    return { html: whole, headers };
  };
}

function Text({ text }: { readonly text: string }) {
  return text;
}
