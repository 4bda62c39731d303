// Owns the expressions of GitHub Actions as far as this repository's workflows use them. Anything else is an error, so that
// a test never passes over what the runner would do otherwise.

/** What expressions read: plain values, nested by name. */
export interface Contexts {
  readonly [name: string]: unknown;
}

/** The functions that ask how the job went so far. */
export interface JobStatus {
  readonly failed: boolean;
}

type Value = string | number | boolean | null;

/** A text with each `${{ … }}` in it replaced. */
export function interpolate(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_whole, expression: string) => {
    const value = evaluate(expression, contexts);
    return value === null ? '' : String(value);
  });
}

/** Whether a step or a job runs. Without a function that asks for it, only where nothing failed. */
export function isWanted(condition: unknown, contexts: Contexts, status: JobStatus): boolean {
  if (condition === undefined) return !status.failed;
  const expression = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(String(condition))?.[1] ?? String(condition);
  const asks = /\b(?:cancelled|success|failure|always)\(\)/.test(expression);
  return (asks || !status.failed) && isTrue(evaluate(expression, contexts, status));
}

function evaluate(text: string, contexts: Contexts, status?: JobStatus): Value {
  const tokens = text.match(/'(?:[^']|'')*'|[A-Za-z_][\w.-]*(?:\(\))?|\d+|==|!=|&&|\|\||[!()]|\S/g) ?? [];
  let at = 0;
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const either = (): Value => {
    let left = both();
    while (take('||')) {
      const right = both();
      left = isTrue(left) ? left : right;
    }
    return left;
  };
  const both = (): Value => {
    let left = comparison();
    while (take('&&')) {
      const right = comparison();
      left = isTrue(left) ? right : left;
    }
    return left;
  };
  const comparison = (): Value => {
    const left = single();
    if (take('==')) return equals(left, single());
    if (take('!=')) return !equals(left, single());
    return left;
  };
  const single = (): Value => {
    if (take('!')) return !isTrue(single());
    if (take('(')) {
      const value = either();
      if (!take(')')) throw new Error(`no ) in the expression ${text}`);
      return value;
    }
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw new Error(`the expression ends too early: ${text}`);
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^\d+$/.test(token)) return Number(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token.endsWith('()')) return called(token, status);
    if (/^[A-Za-z_]/.test(token)) return read(token, contexts);
    throw new Error(`unknown ${token} in the expression ${text}`);
  };
  const value = either();
  if (at < tokens.length) throw new Error(`unknown ${tokens[at]} in the expression ${text}`);
  return value;
}

function called(token: string, status: JobStatus | undefined): boolean {
  if (status === undefined) throw new Error(`${token} stands in no condition`);
  const answers: Record<string, boolean> = {
    'always()': true,
    'cancelled()': false,
    'success()': !status.failed,
    'failure()': status.failed,
  };
  const answer = answers[token];
  if (answer === undefined) throw new Error(`unknown function ${token}`);
  return answer;
}

/** `vars` and `secrets` are what somebody set, and outputs what a step wrote; of all else only what is known. */
const OPEN = /^(?:vars|secrets)\.[\w-]+$|^(?:steps|needs)\.[\w-]+\.outputs\.[\w-]+$/;

function read(path: string, contexts: Contexts): Value {
  let value: unknown = contexts;
  for (const name of path.split('.')) {
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, name)) {
      value = (value as Contexts)[name];
    } else if (OPEN.test(path) && value !== contexts && typeof value === 'object') {
      value = '';
    } else {
      throw new Error(`unknown ${path} in an expression`);
    }
  }
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Value;
  throw new Error(`${path} is no single value`);
}

function isTrue(value: Value): boolean {
  return value !== '' && value !== 0 && value !== false && value !== null;
}

/** Without regard to case, as GitHub compares texts. */
function equals(left: Value, right: Value): boolean {
  if (typeof left === typeof right) return String(left).toLowerCase() === String(right).toLowerCase();
  throw new Error(`${left} and ${right} are of two types, which GitHub compares as numbers`);
}
