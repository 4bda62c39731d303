// Owns IP addresses and CIDR blocks as the spec writes them. Never resolves a name.

import ipaddr from 'ipaddr.js';

/** Whether the text is an address or a CIDR block, v4 or v6. */
export function isAddressBlock(text: string): boolean {
  return parseBlock(text) !== undefined;
}

/** Whether an address lies in one of the blocks. IPv4-mapped IPv6 addresses count as IPv4; a broken address is in none. */
export function inBlocks(address: string, blocks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const caller = ipaddr.process(address);
  return blocks.some((text) => {
    const block = parseBlock(text);
    return block !== undefined && block[0].kind() === caller.kind() && caller.match(block);
  });
}

function parseBlock(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  try {
    if (text.includes('/')) return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
    if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return undefined;
  }
}
