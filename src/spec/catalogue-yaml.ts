// Owns the codes about files, secrets' places and YAML itself. Never about what a key means.

import type { CatalogueEntry } from './catalogue.ts';

export const FILE_CODES = {
  'spec.directory-missing': {
    severity: 'error',
    summary: 'No such directory',
    explanation:
      'The spec is every *.yaml and *.yml file below one directory, and that directory is not there or is not a directory. Check the path that the command was given.',
  },
  'spec.empty': {
    severity: 'error',
    summary: 'No spec file',
    explanation:
      'No *.yaml or *.yml file stands below the directory; dotfiles and overlays/ are skipped. An empty spec is never read as "delete everything": a wrong path or a half-finished checkout looks just like it. Start from an example, or name the right directory.',
  },
  'overlay.missing': {
    severity: 'error',
    summary: 'No such overlay',
    explanation:
      'An overlay is named by a directory below overlays/ in one of the directories of the spec (--overlay prod is overlays/prod), or by a path with a separator to a directory anywhere (--overlay ./envs/prod). None of that name is there. An overlay that is missing is never read as one that changes nothing.',
  },
  'overlay.empty': {
    severity: 'error',
    summary: 'No file in the overlay',
    explanation:
      'No *.yaml or *.yml file stands below the directory of the overlay; dotfiles are skipped. A wrong path or a half-finished checkout looks just like it, so it is never read as an overlay that changes nothing. Write a file, or leave the option out.',
  },
  'overlay.part-of-spec': {
    severity: 'error',
    summary: 'Overlay is part of the spec already',
    explanation:
      'The directory of the overlay holds files that the spec itself has: they would be read twice, and without the option they would be declarations of the spec. Move the directory below overlays/, which is skipped when the spec is read, or out of the spec.',
  },
  'file.unreadable': {
    severity: 'error',
    summary: 'File cannot be read',
    explanation:
      'The operating system refused to open or read the file. As long as one file is unknown the spec is not whole, so nothing of it is used. Check owner and mode of the file and of the directories above it.',
  },
  'file.too-large': {
    severity: 'error',
    summary: 'File is too large',
    explanation:
      'A file of a spec holds at most 8 MiB, so that no file can stall a server that reloads. Split it: any number of files may add to one site.',
  },
  'file.not-utf8': {
    severity: 'error',
    summary: 'File is not UTF-8',
    explanation:
      'YAML is read as UTF-8, with or without a byte order mark. A byte sequence that is none would be shown as something that nobody wrote. Convert the file, for example with iconv -t UTF-8.',
  },
  'file.lfs-pointer': {
    severity: 'error',
    summary: 'File is a pointer of Git LFS',
    explanation:
      'The file holds only where Git LFS keeps its content: the clone was made without git lfs pull, or the file was read from a commit, where nothing but the pointer is. Fetch the content, or better take *.yaml and *.yml out of .gitattributes and commit the files as text: what decides access is reviewed line by line.',
  },
  'file.outside': {
    severity: 'error',
    summary: 'Symbolic link leaves the spec',
    explanation:
      'A symbolic link may lead to anything below the spec directory, and nowhere else: what decides access is what was reviewed. Put the file into the spec, or link to one that is in it.',
  },
  'secret.missing': {
    severity: 'error',
    summary: 'Secret is not there',
    explanation:
      'The environment variable or the file that a secret names does not exist where this command runs. validate and plan need no secret; apply and serve do. Set the variable, mount the file, or give --secrets-dir.',
  },
  'secret.outside': {
    severity: 'error',
    summary: 'Secret file lies outside',
    explanation:
      'A {file} reference stays below the spec, or below --secrets-dir where that is given: otherwise a change to the spec could make the server read any file it can open. Write a relative path without leading /, and without .. that climbs out.',
  },
  'secret.unreadable': {
    severity: 'error',
    summary: 'Secret file cannot be read',
    explanation:
      'The file that a secret names exists, but the operating system refused to read it. Check its owner and mode for the user that Charter runs as.',
  },
  'secret.empty': {
    severity: 'error',
    summary: 'Secret is empty',
    explanation:
      'The environment variable or the file that a secret names holds nothing. An empty secret is one that anybody can present, so it is refused. Set a value: charter secret generate prints one.',
  },
  'secret.too-short': {
    severity: 'error',
    summary: 'Secret is too short',
    explanation:
      'The value that a secret or a password names has fewer than 6 characters. All of its like are tried out in no time, with or without a hash, so it is refused, and nothing of the spec is applied. It cannot be waived. charter secret generate prints a value that nobody guesses; give it to the client too.',
  },
  'secret.short-key': {
    severity: 'error',
    summary: 'Secret is too short to be a key',
    explanation:
      'With client_secret_jwt the secret is the key of HS256, and has to be at least as long as its hash: 32 bytes (RFC 7518 section 3.2, OpenID Connect Core section 16.19). Whoever sees one assertion could try out shorter ones. charter secret generate prints one that is long enough; give it to the client too.',
  },
  'secret.weak': {
    severity: 'warning',
    summary: 'Secret can be guessed',
    explanation:
      'The value that a secret or a password names holds less than 128 bits (a password less than 64), even if it was drawn by chance: its characters, those left out that only repeat what stood before, times the bits that the kinds of characters in it (small and capital letters, digits, marks, others) can hold each. The estimate is an upper bound: a sentence or a name passes it at a length at which it can still be guessed. charter secret generate prints a value of 256 bits, which also needs no costly hash. Where the value cannot be changed, waive the warning in server.lint.allow with the reason.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export const YAML_CODES = {
  'yaml.syntax': {
    severity: 'error',
    summary: 'YAML syntax error',
    explanation:
      'The text is not YAML 1.2. Only the first fault of a file is told, as the ones after it are mostly its consequences, and names that only this file may declare are not reported as unknown until it can be read.',
  },
  'yaml.version': {
    severity: 'error',
    summary: 'YAML version is not 1.2',
    explanation:
      'A %YAML directive asks for other rules, by which no is false and << merges. A spec has one meaning for every reader: remove the directive.',
  },
  'yaml.duplicate-key': {
    severity: 'error',
    summary: 'Duplicate key',
    explanation:
      'A map holds a key twice. Many YAML readers silently keep the last one, so that a reviewer and the engine may see different access. Keep one of them; both places are shown.',
  },
  'yaml.key-not-text': {
    severity: 'error',
    summary: 'Key is not text',
    explanation: 'A key of a map is a list, a map or an alias. Keys of a spec are names: write the name itself.',
  },
  'yaml.tag': {
    severity: 'error',
    summary: 'YAML tag',
    explanation:
      'Tags (!name, !!binary, !!str) change what a value is, and not every reader knows the same ones. A spec needs none: quote what is text, and name environment variables and files as { env: NAME } and { file: PATH }.',
  },
  'yaml.merge-key': {
    severity: 'error',
    summary: 'Merge key',
    explanation:
      'The key << merges maps in YAML 1.1 and is an ordinary key in YAML 1.2, so readers differ on what it says. Use defaults: of the site for what many entities share, or an alias (*name) for a whole value.',
  },
  'yaml.unknown-alias': {
    severity: 'error',
    summary: 'Unknown alias',
    explanation:
      'An alias (*name) repeats a value that carries the anchor (&name) earlier in the same document, and there is no such anchor. A value that begins with * is quoted: "*".',
  },
  'yaml.alias-limit': {
    severity: 'error',
    summary: 'Aliases repeat too much',
    explanation:
      'A document may use 100 aliases, which may repeat 10,000 values in all, and none may stand inside what it repeats. A few lines of aliases of aliases can otherwise grow to billions of values. Write the values out, or use defaults: of the site.',
  },
  'yaml.too-deep': {
    severity: 'error',
    summary: 'Nested too deep',
    explanation:
      'Maps and lists nest at most 64 deep; no key of a spec needs more than 10. It is mostly a bracket that was typed too often.',
  },
  'yaml.unquoted-hash': {
    severity: 'error',
    summary: 'Argon2id hash is not quoted',
    explanation:
      'Inside { … } a comma ends a value, so that an unquoted $argon2id$v=19$m=19456,t=2,p=1$… falls apart into three keys, without any error from YAML. Quote the hash: { hash: "$argon2id$…" }.',
  },
  'yaml.unquoted-name': {
    severity: 'error',
    summary: 'Name is not quoted',
    explanation:
      'YAML reads an unquoted 1.0 as the number 1, and null, ~ and true as no text at all; other tools that read the file see another name than Charter. Quote the name.',
  },
  'yaml.unquoted-value': {
    severity: 'error',
    summary: 'Text is not quoted',
    explanation:
      'Text is expected, and YAML reads the unquoted value as a number or a truth value: 1.0 would become 1, and 0x10 would become 16. Quote it.',
  },
  'yaml.ambiguous-word': {
    severity: 'warning',
    summary: 'Word that YAML 1.1 reads as true or false',
    explanation:
      'no, yes, on and off are text in YAML 1.2, and so for Charter; but many editors and linters still follow YAML 1.1, where they are true and false. Quote the word, so that every reader sees the same.',
  },
} as const satisfies Record<string, CatalogueEntry>;
