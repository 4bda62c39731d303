// Owns the page on which a user is asked what a client may do. Never decides what is asked, and follows no address that is
// not one of the web.

import type { Page, ShownClient, ShownScope } from '../../oauth/page.ts';
import { Hidden, type Rendered, renderDocument } from './document.tsx';
import { Scopes } from './scopes.tsx';

export function renderConsent(page: Extract<Page, { kind: 'consent' }>): Rendered {
  const { action, fields, client, user, scopes, offline } = page;
  return renderDocument({
    title: `${client.name} asks for access`,
    submits: true,
    picture: webAddress(client.logo_uri, ['https:']),
    children: (
      <>
        <p>
          You are signed in as <strong>{user}</strong>.
        </p>
        <Asked scopes={scopes} offline={offline} />
        <form id="consent" method="post" action={action}>
          <Hidden fields={fields} />
          <button type="submit" name="decision" value="allow" class="act">
            Allow
          </button>
          <button type="submit" name="decision" value="deny">
            Deny
          </button>
        </form>
        <Links client={client} />
      </>
    ),
  });
}

function Asked({ scopes, offline }: { readonly scopes: readonly ShownScope[]; readonly offline: boolean }) {
  if (scopes.length === 0 && !offline) return <p>It asks to know who you are, and for nothing else.</p>;
  return (
    <>
      <p>If you allow it, it can:</p>
      <Scopes scopes={scopes} offline={offline} />
    </>
  );
}

function Links({ client }: { readonly client: ShownClient }) {
  const links = [
    ['Website', client.client_uri],
    ['Privacy policy', client.policy_uri],
    ['Terms of service', client.tos_uri],
  ] as const;
  const safe = links.flatMap(([words, written]) => {
    const href = webAddress(written, ['https:', 'http:']);
    return href === undefined ? [] : [{ words, href }];
  });
  if (safe.length === 0) return null;
  return (
    <p class="dim">
      {safe.map(({ words, href }, at) => (
        <span key={words}>
          {at === 0 ? '' : ' · '}
          <a href={href} rel="noreferrer noopener" target="_blank">
            {words}
          </a>
        </span>
      ))}
    </p>
  );
}

/** The address in its normal form, where its scheme is one of these: `javascript:` would run on this page. */
function webAddress(text: string | undefined, schemes: readonly string[]): string | undefined {
  const url = text === undefined || !URL.canParse(text) ? undefined : new URL(text);
  return url !== undefined && schemes.includes(url.protocol) ? url.href : undefined;
}
