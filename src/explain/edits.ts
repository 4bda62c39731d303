// Owns the smallest edits of a spec that turn a no into a yes: tried one by one, the fewest first, each asked of the engine
// again. Pure. Never tells one that was not tried.

import type { AccessIndex } from '../access/access-index.ts';
import type { Question } from '../access/decision.ts';
import { type Address, compareText, kindOf, qualifiedName, siteOf } from '../model/address.ts';
import { formatPlace, type SourceRange } from '../model/origin.ts';
import { entityAt, type State } from '../model/state.ts';
import type { Naming } from '../plan/naming.ts';
import { escapeControls } from '../plan/style.ts';
import { ask, isYes, obstaclesOf, strangerOf } from './asking.ts';
import { type Candidate, isForEverybody, type Wanted } from './candidate.ts';
import { applyEdit, type Edit, editWords, itemAt, linkAt } from './edit.ts';
import { candidatesFor } from './edit-candidates.ts';
import { compilerOf } from './edited-spec.ts';
import { whyNone } from './no-edit.ts';
import { rangeOfPlace, type World } from './world.ts';

/** One edit of several that are made together, in their order. */
export interface SuggestedEdit {
  readonly edit: Edit;
  /** Ready for a terminal. */
  readonly words: string;
  /** Where in the YAML: the list, the member, or the entity that has none yet; undefined where nobody remembers. */
  readonly range: SourceRange | undefined;
  /** The site whose team writes it (a team may not help itself); undefined for a catalogue. */
  readonly site: string | undefined;
}

export type Suggestion = readonly SuggestedEdit[];

export interface Help {
  /** The smallest, the least surprising first; each alone turns the no into a yes. */
  readonly suggestions: readonly Suggestion[];
  /** Ready for a terminal: why there is none. */
  readonly why: string | undefined;
}

/** As many alternatives are told, so many edits belong together at most, and so often is the engine asked. */
const MOST_TOLD = 5;
const MOST_EDITS = 5;
const MOST_TRIED = 600;
/** How many half-made ways are followed further. */
const MOST_FOLLOWED = 24;
/** How many solutions the compiler is asked about. */
const MOST_COMPILED = 12;

/** A State on the way: some edits made, and the answer still a no. */
interface Way {
  readonly index: AccessIndex;
  readonly edits: readonly Edit[];
  readonly surprise: number;
  readonly isForEverybody: boolean;
}

export function smallestEdits(world: World, question: Question, naming: Naming): Help {
  const { now } = world;
  const sound = soundness(world);
  const seen = new Set<string>();
  let ways: readonly Way[] = [{ index: world.index, edits: [], surprise: 0, isForEverybody: false }];
  let broad: readonly Way[] = [];
  for (let depth = 1; depth <= MOST_EDITS && ways.length > 0; depth += 1) {
    const solved: Way[] = [];
    const further: Way[] = [];
    for (const way of ways) {
      for (const candidate of candidatesOf(way, question, now)) {
        const key = keyOf([...way.edits, candidate.edit]);
        if (seen.has(key) || seen.size >= MOST_TRIED || !sound.mayBe(candidate.edit)) continue;
        seen.add(key);
        const next = follow(way, candidate);
        (isYes(ask(next.index, question, now), question) ? solved : further).push(next);
      }
    }
    const narrow = firstOf(
      solved.filter((way) => !way.isForEverybody),
      sound.isSound,
    );
    if (narrow.length > 0) return told(world, question, narrow, naming);
    // What gives to everybody is told only where nothing narrower does, however many edits that takes.
    if (broad.length === 0)
      broad = firstOf(
        solved.filter((way) => way.isForEverybody),
        sound.isSound,
      );
    ways = further.sort(compareWays).slice(0, MOST_FOLLOWED);
  }
  if (broad.length > 0) return told(world, question, broad, naming);
  return { suggestions: [], why: whyNone(world, question, naming, sound.refused()) };
}

/** The first that are sound, the least surprising first. */
function firstOf(ways: readonly Way[], isSound: (way: Way) => boolean): readonly Way[] {
  const found: Way[] = [];
  for (const way of [...ways].sort(compareWays).slice(0, MOST_COMPILED)) {
    if (found.length < MOST_TOLD && isSound(way)) found.push(way);
  }
  return found;
}

/** Edits that the compiler may refuse whatever else is edited: of grants, audiences, secrets, identities. */
const DELICATE = /^\/(metadata|attributes|enabled|expires|items)/;
/** Refused of a client that names no audience: another edit may give it one first. No other edit is refused. */
const IMPERSONATED = '/impersonated_by';

/** Asks the compiler, of each edit alone once. */
function soundness(world: World) {
  const compiler = compilerOf(world);
  const known = new Map<string, boolean>();
  let refused: string | undefined;
  const judge = (edits: readonly Edit[], after: State): boolean => {
    const error = compiler(edits, after);
    if (error !== undefined) refused ??= `${error.code}: ${error.detail}`;
    return error === undefined;
  };
  return {
    mayBe(edit: Edit): boolean {
      if (!DELICATE.test(edit.pointer)) return true;
      const key = keyOf([edit]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const answer = judge([edit], applyEdit(world.index.state, edit));
      known.set(key, answer);
      return answer;
    },
    isSound: ({ edits, index }: Way): boolean =>
      !edits.some(({ pointer }) => DELICATE.test(pointer) || pointer === IMPERSONATED) || judge(edits, index.state),
    refused: () => refused,
  };
}

function told(world: World, question: Question, ways: readonly Way[], naming: Naming): Help {
  return {
    suggestions: ways.slice(0, MOST_TOLD).map(({ edits }) => suggest(world, question, edits, naming)),
    why: undefined,
  };
}

function candidatesOf({ index }: Way, question: Question, now: number): readonly Candidate[] {
  const { client, grant_type, ip, method } = question;
  const stranger = strangerOf(index, question);
  const named = question.scope?.find((value) => index.allowList(client).audiences.has(value));
  const obstacles = obstaclesOf(index, question, ask(index, question, now));
  return obstacles.slice(0, MOST_TOLD).flatMap((obstacle) => {
    const wanted: Wanted = {
      client,
      grant_type,
      ip,
      method,
      stranger: obstacle.code === 'SCOPE_NOT_ALLOWED' ? stranger : named,
    };
    return candidatesFor(index, obstacle, wanted);
  });
}

function follow(way: Way, candidate: Candidate): Way {
  const { edit, surprise } = candidate;
  const state = applyEdit(way.index.state, edit);
  return {
    index: way.index.next(state, [edit.address]),
    edits: [...way.edits, edit],
    surprise: way.surprise + surprise,
    isForEverybody: way.isForEverybody || isForEverybody(candidate),
  };
}

/** Edits made in another order are the same edits. */
function keyOf(edits: readonly Edit[]): string {
  return edits
    .map((edit) => JSON.stringify(edit))
    .sort(compareText)
    .join('\n');
}

function compareWays(a: Way, b: Way): number {
  return a.surprise - b.surprise || compareText(keyOf(a.edits), keyOf(b.edits));
}

/** Another team's entity is called with its site: that team writes the edit. */
function withSite(naming: Naming, edited: Address, client: Address): Naming {
  if (siteOf(edited) === undefined || siteOf(edited) === siteOf(client)) return naming;
  return {
    name: (address) =>
      address === edited && kindOf(address) !== 'site' ? escapeControls(qualifiedName(address)) : naming.name(address),
  };
}

function suggest(world: World, question: Question, edits: readonly Edit[], naming: Naming): Suggestion {
  let state: State = world.index.state;
  return edits.map((edit) => {
    const before = state;
    state = applyEdit(before, edit);
    return {
      edit,
      words: editWords(edit, before, withSite(naming, edit.address, question.client)),
      range: rangeOfPlace(world, placeOf(edit, before, world.index.state)),
      site: siteOf(edit.address),
    };
  });
}

/** A list of links may have moved on by an edit before: the link stands where it stood in the spec. */
function placeOf(edit: Edit, before: State, written: State): { readonly address: Address; readonly pointer: string } {
  const { address, pointer } = edit;
  if (pointer === '/impersonated_by' && edit.op === 'add' && typeof edit.value !== 'string' && 'to' in edit.value) {
    // Within a site the client says it: impersonates.
    const { to } = edit.value;
    return siteOf(to) === siteOf(address) ? { address: to, pointer: '/impersonates' } : { address, pointer };
  }
  const item = itemAt(before.get(address), pointer);
  if (item !== undefined) {
    const { items = [] } = entityAt(written, 'policy', address) ?? {};
    return { address, pointer: `/items/${items.indexOf(item)}` };
  }
  const link = linkAt(before.get(address), pointer);
  if (link === undefined) return { address, pointer };
  const [, key = ''] = pointer.split('/');
  const list = (written.get(address) as Readonly<Record<string, unknown>> | undefined)?.[key];
  const position = ((list ?? []) as readonly { readonly to: Address }[]).findIndex(({ to }) => to === link.to);
  return { address, pointer: pointer.replace(/^(\/[^/]+\/)\d+/, `$1${position}`) };
}

/** `sites/a.yaml:3:5`, ready for a terminal. */
export function placeWords(range: SourceRange | undefined): string | undefined {
  return range === undefined ? undefined : escapeControls(formatPlace(range));
}

/** Whether the entity that is edited is another team's than the client's. */
export function isOtherTeams({ site }: SuggestedEdit, client: Address): boolean {
  return site !== undefined && site !== siteOf(client);
}
