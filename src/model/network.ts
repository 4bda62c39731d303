// Owns IP addresses and CIDR blocks as the spec writes them. Never resolves a name.

import ipaddr from 'ipaddr.js';

/** Whether the text is an address or a CIDR block, v4 or v6. */
export function isAddressBlock(text: string): boolean {
  return parseBlock(text) !== undefined;
}

/** Whether the text is one address, v4 or v6: no block. */
export function isAddress(text: string): boolean {
  return !text.includes('/') && isAddressBlock(text);
}

/** An address or a block as it is meant: without what stands behind its prefix, 10.0.0.0/8 for 10.1.2.3/8. Throws at what is neither. */
export function blockOf(text: string): string {
  const [address = '', prefix] = text.split('/', 2);
  if (prefix === undefined) return text;
  const family = familyOf(address);
  const first = family.networkAddressFromCIDR(text).toString();
  return first === family.parse(address).toString() ? text : `${first}/${prefix}`;
}

/** Asked of its own family alone, a text is read half as often. */
function familyOf(address: string): typeof ipaddr.IPv4 | typeof ipaddr.IPv6 {
  return address.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
}

/** Whether an address lies in one of the blocks. IPv4-mapped IPv6 addresses count as IPv4; a broken address is in none. */
export function inBlocks(address: string, blocks: readonly string[]): boolean {
  if (blocks.length === 0) return false;
  const caller = parseBlock(address)?.[0];
  // What has a prefix is a block, not an address.
  if (caller === undefined || address.includes('/')) return false;
  return blocks.some((text) => {
    const block = parseBlock(text);
    return block !== undefined && block[0].kind() === caller.kind() && caller.match(block);
  });
}

/** An address in its one spelling, IPv4-mapped IPv6 as IPv4; undefined for what is none. */
export function canonicalAddress(text: string): string | undefined {
  return text.includes('/') ? undefined : parseBlock(text)?.[0].toString();
}

/** The ranges whose addresses carry an IPv4 address: where it goes in the end is judged (RFC 6052 2.1, RFC 3056 2). */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');
const SIX_TO_FOUR = ipaddr.parseCIDR('2002::/16');
/** Of IPv6, all that is assigned to the Internet (RFC 4291 2.4); `::/96` and other old forms are not in it. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/**
 * Whether anybody's machine on the Internet may have this address: neither this machine or network (loopback, private,
 * link-local, shared, unique local) nor many at once, nor reserved for something else. An IPv6 address that carries an IPv4
 * address is judged by that one. False for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  // A zone is of a link, and so is its address.
  if (!isAddress(address) || address.includes('%')) return false;
  return isPublic(ipaddr.process(address));
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  const bytes = address.toByteArray();
  if (address.match(NAT64)) return isPublic(new ipaddr.IPv4(bytes.slice(12)));
  if (address.match(SIX_TO_FOUR)) return isPublic(new ipaddr.IPv4(bytes.slice(2, 6)));
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast';
}

/** Four decimal numbers or IPv6, and nothing of what inet_aton took besides: `192.168.1/24` would be 192.168.0.1. */
function parseBlock(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  const [address = '', prefix] = text.split('/', 2);
  const family = familyOf(address);
  if (family === ipaddr.IPv6 ? !ipaddr.IPv6.isValid(address) : !ipaddr.IPv4.isValidFourPartDecimal(address))
    return undefined;
  if (prefix !== undefined && !family.isValidCIDR(text)) return undefined;
  const parsed = family.parse(address);
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  const length = prefix === undefined ? width : Number(prefix);
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && length >= 96) {
    return [parsed.toIPv4Address(), length - 96];
  }
  return [parsed, length];
}

/** Networks, as CIDR blocks and single addresses: who calls has to be in one of them. */
export type Networks = readonly string[];

/** Whether whoever is in one of each of the lists is in one of each of the others, as far as block by block shows. */
export function areWithin(lists: readonly Networks[], others: readonly Networks[]): boolean {
  return others.every((other) =>
    lists.some((blocks) => blocks.every((block) => other.some((one) => isBlockWithin(block, one)))),
  );
}

/** Whether all addresses of a block are in another one. Either may be a single address. */
export function isBlockWithin(block: string, other: string): boolean {
  const [address = ''] = block.split('/');
  const bits = (text: string) => Number(text.split('/')[1] ?? (text.includes(':') ? 128 : 32));
  return bits(other) <= bits(block) && block.includes(':') === other.includes(':') && inBlocks(address, [other]);
}

/** Whom an address belongs to, as far as counting goes: an IPv6 customer has at least a /64 of them, an IPv4 one an address. */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const parsed = parseBlock(address)?.[0];
  if (parsed === undefined || parsed.kind() === 'ipv4') return parsed?.toString() ?? address;
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
