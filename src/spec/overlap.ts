// Owns the question whether a stretch of a source meets one of many others, in logarithmic time: a file may hold as many
// faults as lines. Never knows what the stretches are.

export interface Stretch {
  /** The path of the file: a document that an overlay is merged into stands in several. */
  readonly file: string;
  /** Offsets, `end` exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface Stretches {
  /** Whether one of them shares a character with this, or begins where this begins. */
  meet(stretch: Stretch): boolean;
  /** Whether one of them begins in this, or right behind it. */
  beginWithin(stretch: Stretch): boolean;
}

export function indexStretches(stretches: readonly Stretch[]): Stretches {
  const byFile = new Map<string, Stretch[]>();
  for (const stretch of stretches) {
    const known = byFile.get(stretch.file);
    if (known === undefined) byFile.set(stretch.file, [stretch]);
    else known.push(stretch);
  }
  const files = new Map([...byFile].map(([file, of]) => [file, indexFile(of)] as const));
  return {
    meet: (stretch) => files.get(stretch.file)?.meet(stretch) === true,
    beginWithin: (stretch) => files.get(stretch.file)?.beginWithin(stretch) === true,
  };
}

/** Of the stretches of one file. */
function indexFile(stretches: readonly Stretch[]): Stretches {
  const sorted = [...stretches].sort((a, b) => a.start - b.start);
  const starts = sorted.map(({ start }) => start);
  // The furthest end among the first n: those that begin before an offset reach it when the furthest of them does.
  const furthest: number[] = [];
  for (const { end } of sorted) furthest.push(Math.max(end, furthest.at(-1) ?? end));

  /** How many begin before an offset. */
  const countBefore = (offset: number): number => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const beginWithin = (start: number, end: number) => countBefore(end + 1) > countBefore(start);
  return {
    meet({ start, end }) {
      const before = countBefore(end);
      return (before > 0 && (furthest[before - 1] ?? 0) > start) || beginWithin(start, start);
    },
    beginWithin: ({ start, end }) => beginWithin(start, end),
  };
}
