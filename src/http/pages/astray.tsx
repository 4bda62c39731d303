// Owns what is said to those who come by a bookmark or a reload to where only a form leads. Never anything of the request.

import { type Rendered, renderDocument } from './document.tsx';

/** Where a form was expected. */
export type Astray = 'login' | 'consent' | 'logout';

const WORDS: Readonly<Record<Astray, { readonly title: string; readonly text: string }>> = {
  login: {
    title: 'Signing in begins elsewhere',
    text: 'Nobody is signing in on this page at the moment. Go to the application that you want to use, and sign in from there.',
  },
  consent: {
    title: 'There is nothing to allow here',
    text: 'No application is asking for access on this page at the moment. Go to the application that you want to use, and try again from there.',
  },
  logout: {
    title: 'There is nothing to confirm here',
    text: 'Nobody is signing out on this page at the moment. Go to the application that you want to leave, and sign out from there.',
  },
};

export function renderAstray(where: Astray): Rendered {
  const { title, text } = WORDS[where];
  return renderDocument({ title, children: <p>{text}</p> });
}
