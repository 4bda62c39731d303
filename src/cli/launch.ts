#!/usr/bin/env node

// Owns the start of the bundled command. Never is part of what is not bundled: there, main.ts starts by itself.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledFiles } from './bundled-files.ts';

const MAIN = 'main.js';

// Node maps the lines only of what it loads itself.
if (process.sourceMapsEnabled) createRequire(import.meta.url)(`./${MAIN}`);
else bundledFiles(dirname(fileURLToPath(import.meta.url)))(MAIN);
