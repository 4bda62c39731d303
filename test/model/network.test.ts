import { describe, expect, it } from 'vitest';
import {
  blockOf,
  canonicalAddress,
  inBlocks,
  isAddress,
  isAddressBlock,
  isBlockWithin,
  isPublicAddress,
} from '../../src/model/network.ts';

it('an address is no block, and whatever is no block is no address', () => {
  expect(['10.0.0.1', '::1', '2001:db8::1'].every(isAddress)).toBe(true);
  expect(['10.0.0.1/32', '::1/128', 'localhost', '', '10.0.0', '010.0.0.1'].some(isAddress)).toBe(false);
});

describe('S:A-17 an address block', () => {
  it.each(['192.168.1.0/24', '10.0.0.1', '0.0.0.0/0', '2001:db8::/32', '::1', '2001:db8::1', '10.1.2.3/8'])(
    '%s is one',
    (text) => {
      expect(isAddressBlock(text)).toBe(true);
    },
  );

  it.each([
    '',
    'localhost',
    '192.168.1',
    '192.168.1.0/33',
    '2001:db8::/129',
    '10.0.0.0/',
    '1',
    '0x7f.1',
    '10.0.0.256',
    '10.0.0.0/-1',
    '010.0.0.1',
    '192.168.1/24',
    ' 10.0.0.1',
    '0x7f.0.0.1/8',
    '010.0.0.1/8',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
  ])('%j is none', (text) => {
    expect(isAddressBlock(text)).toBe(false);
  });
});

describe('S:A-19 the one spelling of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['2001:DB8:0:0:0::7', '2001:db8::7'],
    ['', undefined],
    ['unknown', undefined],
    ['192.0.2.7:80', undefined],
    ['192.0.2.0/24', undefined],
    ['192.0.2.07', undefined],
  ])('%j is %j', (text, spelling) => {
    expect(canonicalAddress(text)).toBe(spelling);
  });
});

describe('S:A-17 an address in blocks', () => {
  const blocks = ['192.168.1.0/24', '10.0.0.7', '2001:db8::/32'];

  it.each(['192.168.1.0', '192.168.1.255', '10.0.0.7', '2001:db8:ffff::1', '::ffff:192.168.1.9', '::FFFF:C0A8:0109'])(
    '%s is inside',
    (address) => {
      expect(inBlocks(address, blocks)).toBe(true);
    },
  );

  it.each([
    '192.168.2.0',
    '10.0.0.8',
    '2001:db9::1',
    '::ffff:10.0.0.8',
    '',
    'unknown',
    '192.168.1.7, 10.0.0.8',
    '192.168.1',
    '192.168.1.0/32',
  ])('%j is outside', (address) => {
    expect(inBlocks(address, blocks)).toBe(false);
  });

  it('no block holds the addresses of the other family', () => {
    expect(inBlocks('::1', ['0.0.0.0/0'])).toBe(false);
    expect(inBlocks('127.0.0.1', ['::/0'])).toBe(false);
  });

  it('a block is what its prefix leaves of it', () => {
    expect(
      ['10.1.2.3/8', '10.0.0.0/8', '10.1.2.3/32', '10.1.2.3', '2001:db8::1/32', '2001:DB8::/32'].map(blockOf),
    ).toEqual(['10.0.0.0/8', '10.0.0.0/8', '10.1.2.3/32', '10.1.2.3', '2001:db8::/32', '2001:DB8::/32']);
  });

  it('a block of mapped addresses is the block of those that they map', () => {
    expect(inBlocks('10.1.2.3', ['::ffff:10.0.0.0/104'])).toBe(true);
    expect(inBlocks('11.1.2.3', ['::ffff:10.0.0.0/104'])).toBe(false);
    expect(inBlocks('10.1.2.3', ['::ffff:10.0.0.0/95'])).toBe(false);
  });

  it('a block that is none holds nothing, and none hold nothing', () => {
    expect(inBlocks('10.0.0.1', ['nonsense'])).toBe(false);
    expect(inBlocks('10.0.0.1', [])).toBe(false);
  });
});

describe('a block within a block', () => {
  it.each([
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.1.0.0/16', false],
    ['10.2.3.4', '10.0.0.0/8', true],
    ['10.2.3.4', '10.2.3.4', true],
    ['10.2.3.4', '10.2.3.4/32', true],
    ['11.0.0.0/16', '10.0.0.0/8', false],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db8::/32', '::/0', true],
    ['10.0.0.0/8', '::/0', false],
  ])('%s is within %s: %s', (block, other, within) => {
    expect(isBlockWithin(block, other)).toBe(within);
  });
});

describe('what is public', () => {
  it.each([
    ['8.8.8.8'],
    ['1.1.1.1'],
    ['172.15.255.255'],
    ['172.32.0.0'],
    ['100.63.255.255'],
    ['100.128.0.0'],
    ['2606:4700::1111'],
    ['::ffff:8.8.8.8'],
    ['64:ff9b::8.8.8.8'],
    ['2002:808:808::1'],
  ])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd12:3456::1', 'fec0::1']],
    ['link-local', ['169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0']],
    ['shared by a carrier', ['100.64.0.1', '100.127.255.255']],
    ['multicast and broadcast', ['224.0.0.1', '239.255.255.255', 'ff02::1', '255.255.255.255']],
    ['reserved', ['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1']],
    ['IPv4 in IPv6', ['::ffff:127.0.0.1', '::ffff:a00:1', '::127.0.0.1', '::ffff:0:7f00:1']],
    ['IPv4 behind NAT64', ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::8.8.8.8']],
    ['IPv4 by 6to4 and Teredo', ['2002:7f00:1::', '2002:c0a8:1::1', '2001:0:808:808::1']],
    ['not assigned', ['4000::1', '100::1', '5f00::1']],
    ['no address', ['', 'localhost', '10.0.0.0/8', '8.8.8.0/24', '0x7f.1', '127.1']],
  ])('%s is not', (_, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});
