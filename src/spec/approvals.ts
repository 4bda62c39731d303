// Owns the approvals that a spec writes, and what is said of one that approves nothing. Never matches one with a risk:
// the plan does.

import { type Approval, formatApproval, parseApproval } from '../model/approval.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { removeItem } from './edit-text.ts';
import type { Listed } from './merge.ts';
import { compareSpans, rangeOf } from './tree.ts';

/** The approvals in the order of their places; tells of those that two documents write. */
export function readApprovals(listed: readonly Listed[], problems: Diagnostic[]): readonly Approval[] {
  const first = new Map<string, Listed>();
  return [...listed]
    .sort((a, b) => compareSpans(a.node.span, b.node.span))
    .flatMap((one) => {
      const text = one.node.type === 'scalar' ? String(one.node.value) : '';
      const approval = parseApproval(text);
      const earlier = first.get(text);
      if (approval === undefined) return [];
      first.set(text, earlier ?? one);
      if (earlier === undefined) return [{ ...approval, range: rangeOf(one.node.span) }];
      const removal = removeItem(one.list, one.position);
      problems.push(
        report('value.duplicate', {
          detail: `${JSON.stringify(text)} is approved already`,
          help: 'Remove one of the two.',
          range: rangeOf(one.node.span),
          related: [{ message: 'it is approved here first', range: rangeOf(earlier.node.span) }],
          fixes: removal === undefined ? [] : [{ title: 'Remove the second one', edits: [removal] }],
        }),
      );
      return [];
    });
}

/** What is said of an approval that matches no risk of the plan. */
export function unusedApproval(approval: Approval): Diagnostic {
  return report('approval.unused', {
    detail: `no risk of this plan is ${formatApproval(approval)}`,
    help: 'Remove it. Where the changes are others now, the plan prints the line that approves them.',
    range: approval.range,
  });
}

/** What is said of an approval that let a generation pass before; `used` and `rollback`, which undid it, are generations. */
export function spentApproval(
  approval: Approval,
  { used, rollback }: { readonly used: number; readonly rollback: number | undefined },
): Diagnostic {
  const text = formatApproval(approval);
  const undone = rollback === undefined ? '' : `, which generation ${rollback} has undone`;
  return report('approval.spent', {
    detail: `${text} was used by generation ${used}${undone}`,
    help: `Approve it again with charter approve ${text}, or charter apply with --approve ${text}; or remove the line.`,
    range: approval.range,
  });
}
