// Owns where a value was written: ranges in source files, kept beside State, in no digest. Never holds source text.

import type { Address } from './address.ts';
import type { Entity } from './entity.ts';
import { escapeToken } from './pointer.ts';

/** 1-based line and column (column counted in Unicode characters), 0-based offset in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A stretch of one source file; `end` is exclusive. `file` is relative to the directory that the command was given. */
export interface SourceRange {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/**
 * Where the value at a JSON pointer of an *entity* (not of the YAML document) was written. `''` is the entity itself;
 * a link's pointer (`/members/0`) leads to whichever end wrote it. A pointer without a place of its own answers with
 * its nearest parent's; so there is always an answer.
 */
export interface Origin {
  (pointer: string): SourceRange;
  /** Of one that is read when it is asked for, what it is read from (origin-text.ts). */
  readonly text?: () => string;
}
export type Origins = ReadonlyMap<Address, Origin>;

/** An Origin as data, for the store: ranges by entity pointer. Always has `''`. */
export type StoredOrigin = { readonly [pointer: string]: SourceRange };

/** The Origin that a stored one describes: the range of the pointer or of its nearest stored parent. */
export function originFrom(stored: StoredOrigin): Origin {
  return (pointer) => {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const range = stored[at];
      if (range !== undefined) return range;
    }
    return stored[''] as SourceRange;
  };
}

/** The one that was asked last, of all that are read when they are asked for. */
let asked: { readonly read: () => StoredOrigin; readonly origin: Origin } | undefined;

/**
 * An Origin that is read when it is asked for, and kept until another one is: whoever asks about an entity asks about all of it, and
 * of all entities at once it would be many times what their texts are.
 */
export function originWhenAsked(read: () => StoredOrigin): Origin {
  return (pointer) => {
    if (asked?.read !== read) asked = { read, origin: originFrom(read()) };
    return asked.origin(pointer);
  };
}

/**
 * An Origin as data: of the entity, of each of its keys, of the keys of its metadata and attributes and those of other maps
 * that stand in another file than the map, of each item of its lists of links, methods, audiences, rules, items and names, and
 * of the ends of links. A pointer whose range is its parent's is left out: originFrom answers the same without it.
 */
export function storedOrigin(entity: Entity, origin: Origin): StoredOrigin {
  const self = origin('');
  const stored: Record<string, SourceRange> = { '': self };
  const keep = (pointer: string, parent: SourceRange): SourceRange => {
    const range = origin(pointer);
    if (!isSameRange(range, parent)) stored[pointer] = range;
    return range;
  };
  for (const [key, value] of Object.entries(entity)) {
    if (key === 'kind') continue;
    const range = keep(`/${key}`, self);
    if (Array.isArray(value) && (LISTS_KEPT_BY_ITEM.has(key) || key === 'access_rules')) {
      for (const [position, item] of value.entries()) {
        const place = keep(`/${key}/${position}`, range);
        if (isObject(item) && 'expires' in item) keep(`/${key}/${position}/expires`, place);
      }
    } else if (key === 'metadata') {
      for (const [name, member] of Object.entries(value)) {
        const place = keep(`/${key}/${name}`, range);
        // A scope may be written as a list.
        const items =
          name === 'scope' ? String(member).split(' ') : name === 'aud' ? (member as readonly string[]) : [];
        for (const position of items.keys()) keep(`/${key}/${name}/${position}`, place);
      }
    } else if (key === 'access_rules') {
      for (const [name, rules] of Object.entries(value as Record<string, readonly unknown[]>)) {
        const place = keep(`/${key}/${name}`, range);
        for (const position of rules.keys()) keep(`/${key}/${name}/${position}`, place);
      }
    } else if (key === 'attributes') {
      for (const name of Object.keys(value)) keep(`/${key}/${escapeToken(name)}`, range);
    } else if (typeof value === 'object' && !Array.isArray(value)) {
      // What an overlay wrote into a map.
      for (const name of Object.keys(value)) {
        if (origin(`/${key}/${name}`).file !== range.file) keep(`/${key}/${name}`, range);
      }
    }
  }
  return stored;
}

const LISTS_KEPT_BY_ITEM: ReadonlySet<string> = new Set([
  ...['methods', 'allowed_to', 'members', 'impersonated_by', 'roles', 'functions', 'permission_scope'],
  ...['items', 'single_value', 'required'],
]);

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isSameRange(a: SourceRange, b: SourceRange): boolean {
  return a.file === b.file && a.start.offset === b.start.offset && a.end.offset === b.end.offset;
}

/** `file:line:column`, the form that terminals and editors make clickable. */
export function formatPlace(range: SourceRange): string {
  return `${range.file}:${range.start.line}:${range.start.column}`;
}
