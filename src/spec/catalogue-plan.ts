// Owns the codes about what a spec says to the plan that applies it: `moved:` and `approvals:`. Never about entities
// themselves (catalogue-access.ts).

import type { CatalogueEntry } from './catalogue.ts';

export const MOVE_CODES = {
  'moved.not-declared': {
    severity: 'error',
    summary: 'Nothing is declared by the new name of a move',
    explanation:
      'An entry of moved: leads from a name that is gone to one that is there: to names an application, group or user that is declared in the site of the document, in a server document a method or scope of the catalogue; or, in a chain of renames, what another entry has as from. An entity that came from another site is moved in the site where it is now, as { from: Site/Name, to: Name }.',
  },
  'moved.still-declared': {
    severity: 'error',
    summary: 'The former name of a move is still declared',
    explanation:
      'What is called otherwise now is not declared by its former name any more. Where both names are declared nothing was renamed: remove the old declaration, or the entry of moved:. An entry of long ago may also stand in the way of something new that takes the name: remove the entry.',
  },
  'moved.ambiguous': {
    severity: 'error',
    summary: 'The name of a move is that of several kinds',
    explanation:
      'An application, a group and a user of one site may have one name, and so may a method and a scope. Which of them an entry of moved: is about is then written before the name: application:NAME, group:NAME, user:NAME, method:NAME, scope:NAME.',
  },
  'moved.kinds-differ': {
    severity: 'error',
    summary: 'A move from one kind to another',
    explanation:
      'What is moved stays what it is: no group becomes a user. from and to name the same kind; where it is written before one of the two names, it counts for both.',
  },
  'moved.from-twice': {
    severity: 'error',
    summary: 'One entity is moved twice',
    explanation:
      'Two entries of moved: have the same from. What it is called now must not depend on which of them is read first. Where it was renamed twice, the entries are a chain: { from: A, to: B } and { from: B, to: C }.',
  },
  'moved.to-twice': {
    severity: 'error',
    summary: 'Two entities are moved to one name',
    explanation:
      'Two entries of moved: have the same to, and two entities cannot become one: whose tokens and secrets would it have? Where one entity was renamed twice, the entries are a chain: { from: A, to: B } and { from: B, to: C }.',
  },
  'moved.loop': {
    severity: 'error',
    summary: 'Moves lead back to where they began',
    explanation:
      'Entries of moved: are history, each from a name to a later one, and no name is later than itself. Where a rename was taken back, remove the entries of the circle: names that did not change need none. Two entities cannot change names with each other in one step.',
  },
  'moved.identity': {
    severity: 'error',
    summary: 'A move would change what clients and tokens know',
    explanation:
      'Where no client_id is written it is the name of the application, and sub is Site/Name of the user. A new name would thus be a new identity: clients that send the old client_id would be refused, and tokens that carry the old client_id or sub end. So what is moved writes the old one; charter validate --fix does it. In a chain of moves that is the name from before the first; where something else was written later, write that.',
  },
  'moved.unknown': {
    severity: 'warning',
    summary: 'A move of something that was never there',
    explanation:
      'What the plan begins with knows the entity by neither of the two names of an entry of moved:, so the entry is not followed, and the entity is a new one. Mostly from is misspelt, and what was to be renamed is deleted. Correct it, with the client_id or sub that validate --fix wrote after it, or remove the entry.',
  },
  'moved.taken': {
    severity: 'warning',
    summary: 'A move to the name of something else',
    explanation:
      'What the plan begins with has both names of an entry of moved:, or two of its entities would go on under one name. Two entities cannot become one, so the entry is not followed, and what has the former name is deleted. Rename in two steps: first an apply in which the new name is free, then the rename; or give it another name. Where it is meant to be deleted, remove the entry.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export const APPROVAL_CODES = {
  'approval.invalid': {
    severity: 'error',
    summary: 'Not an approval',
    explanation:
      'An approval is RISK:SUBJECT@DIGEST, the line that charter plan prints for a risk: what is risked, where, and the first 16 hex digits of the digest of exactly the changes that were reviewed. The risks are deletes, emptied, issuer, keys, live-tokens, older-commit and restricted. The deletion of an application that is protected cannot be approved: it takes two applies, the first one without protected: true.',
  },
  'approval.spent': {
    severity: 'warning',
    summary: 'Approval that was used before',
    explanation:
      'The approval let a generation pass already, and what it was given for would pass a second time: it was taken back since, by the spec or by charter rollback. A line that stayed in the spec ever since is no consent to that, so it counts no more: the risk has to be approved again, by charter approve or with --approve. charter resume takes a rollback back with its approvals. Remove the line once what it approves is applied.',
  },
  'approval.unused': {
    severity: 'warning',
    summary: 'Approval without effect',
    explanation:
      'The approval matches no risk of the plan: the changes that it was given for were applied, or they are others now and need an approval of their own. Remove it, so that nobody takes it for one that holds.',
  },
} as const satisfies Record<string, CatalogueEntry>;
