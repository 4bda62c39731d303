// Owns what the pages that people see are about, as data: http makes them HTML. Never knows markup, and nothing in it is
// escaped.

/** Hidden fields of a form, by name. */
export type Fields = Readonly<Record<string, string>>;

/** How a client is told to people (RFC 7591 2), in the language that was asked for. */
export interface ShownClient {
  /** client_name, or the application's name. */
  readonly name: string;
  readonly client_uri?: string | undefined;
  readonly logo_uri?: string | undefined;
  readonly policy_uri?: string | undefined;
  readonly tos_uri?: string | undefined;
}

/** What a scope lets a client do, in words. */
export interface ShownScope {
  readonly scope: string;
  readonly description: string;
}

/** An application that was given something, as its user sees it. */
export interface ShownConnection {
  readonly client_id: string;
  readonly name: string;
  /** Seconds since the epoch. */
  readonly since: number;
  /** Whether it can get new tokens by itself: `Refresh, Access`, else `Access` (SEMANTICS N-63). */
  readonly refreshes: boolean;
  readonly scopes: readonly ShownScope[];
  /** As of the consent page. */
  readonly offline: boolean;
}

export type Page =
  /**
   * Form `login`: inputs `username` and `password`, where a password can be of use, and a button `decision` with the value `deny`;
   * form `login-certificate`, of one button, where the browser has a certificate of a user.
   */
  | {
      readonly kind: 'login';
      /** Where the form goes. */
      readonly action: string;
      readonly fields: Fields;
      readonly client: ShownClient;
      /** What stands in `username` already. */
      readonly username: string;
      /** Why the page is shown again. */
      readonly problem: 'wrong' | 'throttled' | 'busy' | undefined;
      /** Whether a password can be of use here. */
      readonly takesPassword: boolean;
      /** Whose certificate the browser has, and what the form that logs in with it carries. */
      readonly certificate: { readonly user: string; readonly fields: Fields } | undefined;
      /** Whether a certificate could be of use, had the browser one. */
      readonly takesCertificate: boolean;
    }
  /** Form `consent`: buttons `decision` with the values `allow` and `deny`. */
  | {
      readonly kind: 'consent';
      readonly action: string;
      readonly fields: Fields;
      readonly client: ShownClient;
      /** Who is asked: the name of the user. */
      readonly user: string;
      readonly scopes: readonly ShownScope[];
      /** Whether the client may go on while the user is away (OIDC Core 11). */
      readonly offline: boolean;
    }
  /** Form `logout`: buttons `decision` with the values `allow` and `deny`. */
  | {
      readonly kind: 'logout';
      readonly action: string;
      readonly fields: Fields;
      readonly user: string;
      readonly client: ShownClient | undefined;
    }
  /** Form `connected`: a checkbox `remove` for each application, with its client_id as the value. */
  | {
      readonly kind: 'connected';
      readonly action: string;
      readonly fields: Fields;
      readonly user: string;
      readonly connections: readonly ShownConnection[];
      /** Whether there are more than are shown. */
      readonly isCut: boolean;
      /** The names of those that were removed by the form that this answers. */
      readonly removed: readonly string[];
    }
  /** In the place of a page that is about the user who is signed in. */
  | { readonly kind: 'not-signed-in' }
  | { readonly kind: 'signed-out' }
  /** The user said no, or there is nobody to ask for: nobody was signed out. */
  | { readonly kind: 'logout-refused' }
  /** OAuth 2.0 Form Post Response Mode: a form that goes to the client by itself, or by its button. */
  | { readonly kind: 'form-post'; readonly action: string; readonly fields: Fields };
