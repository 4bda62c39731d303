// Owns a process that compiles a large spec beside itself and then has nothing else to do. Its arguments: the built
// module, and the number of applications.

const [, , module, applications] = process.argv;
const { createCompileBeside } = await import(module);
const lines = Array.from({ length: Number(applications) }, (_, number) => `  App${number}: {}\n`);
const text = `site: Example\napplications:\n${lines.join('')}`;
const { diagnostics } = await createCompileBeside().compile([{ path: 'a.yaml', text }], {
  secretsDir: false,
  incomplete: false,
});
console.log(diagnostics[0].code);
