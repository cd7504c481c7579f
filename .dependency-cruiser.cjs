/** Import directions: domain ← connectors, store ← stages ← pipeline, jobs ← web, cli ← main. */
const stages = [
  'connect',
  'sync',
  'assess',
  'escalate',
  'act',
  'bounces',
  'late-fees',
  'measure',
  'writeback',
];
const leaf = '^src/(clock|config|errors|holidays|legal-rates|log|metrics)\\.ts$';
const store = '^src/store/';
const domain = '^src/domain/';
const documents = '^src/documents/';
const ledgerEdge = '^connectors/(ledger|limits)\\.ts$';

/** `from` may import only its own folder, what `allowed` lists, and packages. */
function only(name, from, allowed, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    to: { path: '^(src|connectors|prisma|test|bench)/', pathNot: [from, ...allowed].join('|') },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot:
          '(\\.d\\.ts|\\.config\\.(ts|js)|bin\\.js|serve\\.ts)$|^(test|bench|prisma|eslint|\\.dep)',
      },
      to: {},
    },
    only(
      'domain-is-pure',
      domain,
      ['^src/errors\\.ts$'],
      'Rules are pure: they name no clock, database, network or environment.',
    ),
    {
      name: 'domain-names-no-machine',
      comment: 'No clock, network, file or environment in a rule.',
      severity: 'error',
      from: { path: domain },
      to: { dependencyTypes: ['core'] },
    },
    only(
      'store-stands-on-domain',
      store,
      [domain, leaf, '^connectors/(ledger|call-count)\\.ts$'],
      'The store knows records, not stages.',
    ),
    only(
      'connector-edge',
      '^connectors/[a-z-]+\\.ts$',
      ['^connectors/[a-z-]+\\.ts$', domain, leaf],
      'The edge knows no platform.',
    ),
    only(
      'documents-stand-on-domain',
      documents,
      [domain],
      'Paper knows what a statement says, and nothing of where its figures come from.',
    ),
    ...['xero', 'quickbooks'].map((platform) =>
      only(
        `${platform}-alone`,
        `^connectors/${platform}/`,
        ['^connectors/[a-z-]+\\.ts$', domain, leaf],
        'A connector knows its own platform and the edge.',
      ),
    ),
    only(
      'sandbox-alone',
      '^connectors/sandbox/',
      [domain, leaf],
      'The sandbox stands in for the vendors and shares no code with the connectors it tests.',
    ),
    ...stages.map((stage) =>
      only(
        `stage-${stage}`,
        `^src/${stage}/`,
        [domain, store, documents, leaf, ledgerEdge, '^src/app\\.ts$'],
        'Stages meet in the store and never import each other.',
      ),
    ),
    {
      name: 'connectors-are-composed-in-main',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main\\.ts$' },
      to: { path: '^connectors/(xero|quickbooks)/' },
    },
    {
      name: 'sandbox-is-for-the-demo',
      severity: 'error',
      from: { path: '^(src|connectors)/', pathNot: '^(src/demo/|connectors/sandbox/)' },
      to: { path: '^connectors/sandbox/' },
    },
    {
      name: 'prisma-only-in-store',
      severity: 'error',
      from: { path: '^(src|connectors)/', pathNot: store },
      to: { path: '(^src/store/generated/)|(node_modules/(@prisma/|@electric-sql|pg/|pglite))' },
    },
    {
      name: 'nothing-imports-web-or-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(web|cli|demo|main\\.ts)' },
      to: { path: '^src/(web|cli|demo)/' },
    },
    {
      name: 'product-imports-no-test',
      severity: 'error',
      from: { path: '^(src|connectors)/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/store/generated/(internal|models)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
