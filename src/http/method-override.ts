// Owns the headers by which a client has some servers take another method than the request has. Never knows a resource.

import type { IncomingMessage } from 'node:http';
import { invalidRequest } from '../oauth/error.ts';
import { valuesOf } from './raw-headers.ts';

export const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

/** Throws 400 where one of them says another method than the one that is judged. */
export function overriddenMethod(request: IncomingMessage, method: string): void {
  for (const name of METHOD_OVERRIDES) {
    if (valuesOf(request, name).some((value) => value.trim().toUpperCase() !== method)) {
      throw invalidRequest('METHOD_OVERRIDDEN', `The header ${name} says another method than the request has`);
    }
  }
}
