// @ts-check
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

const clockMessage =
  'Ask the Clock (src/clock.ts): a rule that reads the machine’s time cannot be replayed.';

export default tseslint.config(
  {
    ignores: [
      'src/store/generated',
      'node_modules',
      'eslint.config.js',
      '.dependency-cruiser.cjs',
      'src/cli/bin.js',
      'test/mutation/plugin.js',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  {
    files: ['src/**', 'connectors/**'],
    ignores: ['src/clock.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: clockMessage },
        { object: 'Math', property: 'random', message: clockMessage },
        { object: 'performance', property: 'now', message: clockMessage },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: clockMessage,
        },
      ],
    },
  },
  {
    files: ['src/**', 'connectors/**'],
    ignores: ['src/config.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'console', message: 'Use the log, or write to the stream the caller gave.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings are read in src/config.ts.' },
        { object: 'Date', property: 'now', message: clockMessage },
        { object: 'Math', property: 'random', message: clockMessage },
      ],
    },
  },
  {
    // The clock and the settings keep the one exception each is made for.
    files: ['src/clock.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['test/**', 'bench/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  prettier,
);
