// Owns what the script of the page knows: every entity, also those that stand together in one node, every link and the answers,
// as plain JSON. Texts in it are for `textContent`, never for HTML.

import type { Place, Step } from '../access/decision.ts';
import { type Address, qualifiedName } from '../model/address.ts';
import type { Origins } from '../model/origin.ts';
import { linkOfStep } from './graph.ts';
import type { GraphAnswer } from './graph-answer.ts';
import { missingIn, placeWords, refusalWords } from './graph-highlight.ts';
import { answerWords, labelOf, nounOf, speak, stepWords } from './graph-words.ts';
import type { Picture } from './picture.ts';

/** Numbers are positions in the lists of the same object, -1 where there is none. */
export interface PageData {
  readonly nodes: readonly { readonly id: string; readonly label: string; readonly members: readonly number[] }[];
  readonly entities: readonly {
    readonly name: string;
    readonly kind: string;
    readonly noun: string;
    readonly node: number;
    readonly client_id?: string;
    readonly off?: string;
    readonly facts: readonly (readonly [string, string])[];
    readonly where: string;
  }[];
  /** `edge` is the id of what is drawn for it; empty for a link inside a node. */
  readonly links: readonly {
    readonly from: number;
    readonly to: number;
    readonly relation: string;
    readonly edge: string;
    readonly expires?: string;
    readonly ended?: true;
    readonly where: string;
  }[];
  /** Steps are told once, however many answers have them. `from` and `to` in the direction of the picture. */
  readonly steps: readonly {
    readonly words: string;
    readonly where: string;
    readonly from: number;
    readonly to: number;
    readonly edge: string;
  }[];
  readonly answers: readonly {
    readonly who: string;
    readonly client: number;
    readonly user: number;
    readonly target: number;
    readonly granted: boolean;
    readonly words: string;
    readonly steps: readonly number[];
    readonly refusal?: {
      readonly code: string;
      readonly words: string;
      readonly place: string;
      readonly where: string;
      readonly entity: number;
    };
  }[];
  /** The answer that is shown first. */
  readonly asked: number;
}

export function pageData(
  picture: Picture,
  origins: Origins,
  answers: readonly GraphAnswer[],
  asked: GraphAnswer | undefined,
): PageData {
  const { graph } = picture;
  const addresses = [...graph.entities.keys()];
  const positions = new Map(addresses.map((address, position) => [address, position]));
  const nodes = new Map(picture.nodes.map((node, position) => [node, position]));
  const positionOf = (address: Address | undefined) => (address === undefined ? -1 : (positions.get(address) ?? -1));
  const edgeOf = (from: Address, to: Address, relation: string) =>
    picture.edgeOf.get(`${from} ${to} ${relation}`)?.id ?? '';
  const whereOf = ({ address, pointer }: Place): string => {
    const range = origins.get(address)?.(pointer);
    return range === undefined ? '' : `${range.file}:${range.start.line}`;
  };
  const all = asked === undefined || answers.includes(asked) ? answers : [...answers, asked];

  const steps: PageData['steps'][number][] = [];
  const known = new Map<string, number>();
  const stepNumber = (step: Step): number => {
    const key = `${step.relation} ${step.from} ${step.to} ${step.at.address} ${step.at.pointer}`;
    const number = known.get(key) ?? steps.length;
    if (number < steps.length) return number;
    known.set(key, number);
    const link = linkOfStep(step) ?? { from: step.from, to: step.to, relation: '' };
    steps.push({
      words: stepWords(step),
      where: whereOf(step.at),
      from: positionOf(link.from),
      to: link.relation === '' ? -1 : positionOf(link.to),
      edge: edgeOf(link.from, link.to, link.relation),
    });
    return number;
  };

  return {
    nodes: picture.nodes.map((node) => ({ id: node.id, label: labelOf(node), members: node.members.map(positionOf) })),
    entities: [...graph.entities.values()].map(({ address, kind, off, facts }) => {
      const client_id = facts.find(([label]) => label === 'client_id')?.[1];
      const node = picture.nodeOf.get(address);
      return {
        name: qualifiedName(address),
        kind,
        noun: nounOf(kind),
        node: node === undefined ? -1 : (nodes.get(node) ?? -1),
        ...(client_id === undefined ? {} : { client_id }),
        ...(off === undefined ? {} : { off }),
        facts,
        where: whereOf({ address, pointer: '' }),
      };
    }),
    links: graph.links.map(({ from, to, relation, at, expires, ended }) => ({
      from: positionOf(from),
      to: positionOf(to),
      relation,
      edge: edgeOf(from, to, relation),
      ...(expires === undefined ? {} : { expires }),
      ...(ended ? { ended } : {}),
      where: whereOf(at),
    })),
    answers: all.map((answer) => {
      const { asker, target, granted, refusal } = answer;
      const missing = refusal?.missing;
      return {
        who: `${speak(asker.client)}${asker.user === undefined ? '' : ` for ${speak(asker.user)}`}`,
        client: positionOf(asker.client),
        user: positionOf(asker.user),
        target: positionOf(target),
        granted,
        words: answerWords(answer),
        steps: answer.steps.map(stepNumber),
        ...(refusal === undefined
          ? {}
          : {
              refusal: {
                code: refusal.code,
                words: refusalWords({ ...answer, refusal: { ...refusal, missing: undefined } }),
                place: missing === undefined ? '' : placeWords(missing),
                where: missing === undefined ? '' : whereOf(missing),
                entity: positionOf(missingIn(answer, (address) => positions.has(address))),
              },
            }),
      };
    }),
    steps,
    asked: asked === undefined ? -1 : all.indexOf(asked),
  };
}
