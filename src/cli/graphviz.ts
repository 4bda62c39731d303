// Owns the one way to Graphviz, compiled to WebAssembly: loaded when something has to be laid out. Never knows what is drawn.

import type { Layout } from '../explain/graph-layout.ts';

/** Always the same answer to the same text. */
export async function loadLayout(): Promise<Layout> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return (dot, engine) => graphviz.layout(dot, 'json', engine);
}
