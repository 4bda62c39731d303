// Owns the resources of a State by where they are, so that a request finds the one that covers it in as many steps as its path
// has. Never judges who may use one.

import { compareText, type ResourceAddress } from '../model/address.ts';
import type { ResourceEntity } from '../model/entity.ts';

export interface ResourceTable {
  readonly entities: ReadonlyMap<ResourceAddress, ResourceEntity>;
  /** By `HOST PATH`, without the host where none is written. Mostly one. */
  readonly places: ReadonlyMap<string, readonly ResourceAddress[]>;
}

export const NO_RESOURCES: ResourceTable = { entities: new Map(), places: new Map() };

export function tableOf(entities: ReadonlyMap<ResourceAddress, ResourceEntity>): ResourceTable {
  if (entities.size === 0) return NO_RESOURCES;
  const places = new Map<string, ResourceAddress[]>();
  for (const address of [...entities.keys()].sort(compareText)) {
    const resource = entities.get(address);
    if (resource === undefined) continue;
    const place = placeOf(resource.host, resource.path);
    const others = places.get(place);
    if (others === undefined) places.set(place, [address]);
    else others.push(address);
  }
  return { entities, places };
}

/** What is asked: the path in normal form, the host in lower case and without port, the method in upper case. */
export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
}

/**
 * The resource that decides alone: of those that cover what is asked one with a host before one without, then the one with the
 * longest path, then one with methods. Undefined where nothing covers it.
 */
export function mostSpecific(
  { entities, places }: ResourceTable,
  { host, path, method }: Asked,
): ResourceAddress | undefined {
  for (const at of [host, undefined]) {
    for (let way = path; ; way = parentOf(way)) {
      const found = places.get(placeOf(at, way)) ?? [];
      const listed = found.find((address) => entities.get(address)?.methods?.includes(method) === true);
      const best = listed ?? found.find((address) => entities.get(address)?.methods === undefined);
      if (best !== undefined) return best;
      if (way === '/') break;
    }
  }
  return undefined;
}

function placeOf(host: string | undefined, path: string): string {
  return `${host ?? ''} ${path}`;
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
