// Owns what tests use of packages that bring no types of their own. Never more than that.

declare module 'express' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export interface Request extends IncomingMessage, Express.Request {
    readonly query: Readonly<Record<string, unknown>>;
    readonly body: Readonly<Record<string, string>> | undefined;
  }
  export interface Response extends ServerResponse {
    status(code: number): this;
    set(name: string, value: string): this;
    json(body: unknown): this;
    redirect(location: string): void;
  }
  export type NextFunction = (error?: unknown) => void;
  export type RequestHandler = (request: Request, response: Response, next: NextFunction) => unknown;
  export type Handler = RequestHandler;
  export type ErrorHandler = (
    error: Error & { status?: number; error?: string },
    _: Request,
    response: Response,
    next: NextFunction,
  ) => unknown;
  export interface Application extends RequestListener {
    use(...handlers: readonly (RequestHandler | ErrorHandler)[]): void;
    get(path: string, ...handlers: readonly RequestHandler[]): void;
    post(path: string, ...handlers: readonly RequestHandler[]): void;
  }
  const express: { (): Application; urlencoded(options: { readonly extended: boolean }): RequestHandler };
  export default express;
}

declare module 'express-session' {
  import type { RequestHandler } from 'express';

  export class MemoryStore {}
  const session: {
    (options: {
      readonly secret: string;
      readonly resave: boolean;
      readonly saveUninitialized: boolean;
    }): RequestHandler;
    readonly MemoryStore: typeof MemoryStore;
  };
  export default session;
}

declare module 'passport-openidconnect' {
  export interface Profile {
    readonly id: string;
    readonly displayName?: string;
    readonly emails?: readonly { readonly value: string }[];
  }
  export default class OpenIDConnectStrategy {
    constructor(
      options: {
        readonly issuer: string;
        readonly authorizationURL: string;
        readonly tokenURL: string;
        readonly userInfoURL: string;
        readonly clientID: string;
        readonly clientSecret: string;
        readonly callbackURL: string;
        readonly scope?: readonly string[];
        readonly nonce?: boolean;
        readonly skipUserProfile?: boolean;
      },
      verify: (issuer: string, profile: Profile, done: (error: Error | null, user?: object) => void) => void,
    );
  }
}

declare module 'passport' {
  import type { RequestHandler } from 'express';
  import type OpenIDConnectStrategy from 'passport-openidconnect';

  type Turn = (user: object, done: (error: Error | null, user: object) => void) => void;
  export class Passport {
    use(strategy: OpenIDConnectStrategy): void;
    session(): RequestHandler;
    authenticate(strategy: string): RequestHandler;
    serializeUser(turn: Turn): void;
    deserializeUser(turn: Turn): void;
  }
  const passport: { readonly Passport: typeof Passport };
  export default passport;
}

declare namespace Express {
  interface Request {
    /** Of passport. */
    readonly user?: object;
  }
}

declare module 'simple-oauth2' {
  interface Options {
    readonly client: { readonly id: string; readonly secret: string };
    readonly auth: {
      readonly tokenHost: string;
      readonly tokenPath: string;
      readonly revokePath: string;
      readonly authorizePath?: string;
    };
    readonly options?: {
      readonly credentialsEncodingMode?: 'strict' | 'loose';
      readonly authorizationMethod?: 'header' | 'body';
    };
  }
  export interface AccessToken {
    readonly token: Readonly<Record<string, string | number | Date | undefined>>;
    expired(): boolean;
    refresh(params?: { readonly scope?: string }): Promise<AccessToken>;
    revoke(which: 'access_token' | 'refresh_token'): Promise<unknown>;
    revokeAll(): Promise<void>;
  }
  export class AuthorizationCode {
    constructor(options: Options);
    authorizeURL(params: Readonly<Record<string, string>>): string;
    getToken(params: Readonly<Record<string, string>>): Promise<AccessToken>;
    createToken(token: unknown): AccessToken;
  }
  export class ClientCredentials {
    constructor(options: Omit<Options, 'auth'> & { readonly auth: Omit<Options['auth'], 'authorizePath'> });
    getToken(params: Readonly<Record<string, string>>): Promise<AccessToken>;
  }
}
