// Owns which page is rendered by what. Never knows what stands in one.

import type { Page } from '../../oauth/page.ts';
import { renderConnected, renderNotSignedIn } from './connected.tsx';
import { renderConsent } from './consent.tsx';
import type { Rendered } from './document.tsx';
import { renderFormPost } from './form-post.tsx';
import { renderLogin } from './login.tsx';
import { renderLogout, renderLogoutRefused, renderSignedOut } from './logout.tsx';
import { keepRendered } from './prepared.tsx';

type Login = Extract<Page, { kind: 'login' }>;

const renderKeptLogin = keepRendered<Login>(renderLogin);
const renderKeptConsent = keepRendered(renderConsent);

/** What somebody typed, and a certificate, are one browser's own. */
const isCommon = ({ username, certificate }: Login): boolean => username === '' && certificate === undefined;

export function renderPage(page: Page): Rendered {
  switch (page.kind) {
    case 'login':
      return isCommon(page) ? renderKeptLogin(page) : renderLogin(page);
    case 'consent':
      return renderKeptConsent(page);
    case 'logout':
      return renderLogout(page);
    case 'connected':
      return renderConnected(page);
    case 'not-signed-in':
      return renderNotSignedIn();
    case 'signed-out':
      return renderSignedOut();
    case 'logout-refused':
      return renderLogoutRefused();
    case 'form-post':
      return renderFormPost(page);
  }
}
