// Owns how what a client may do stands on a page: in words, with the name that a program has for it. Never decides what that is.

import type { ShownScope } from '../../oauth/page.ts';

export function Scopes({ scopes, offline }: { readonly scopes: readonly ShownScope[]; readonly offline: boolean }) {
  return (
    <ul>
      {scopes.map(({ scope, description }) => (
        <li key={scope}>
          {description}
          {description === scope ? null : (
            <>
              {' '}
              <code>{scope}</code>
            </>
          )}
        </li>
      ))}
      {offline ? (
        <li key=" offline">
          Go on while you are away, also after you have signed out <code>offline_access</code>
        </li>
      ) : null}
    </ul>
  );
}
