// Jest runs the sources as CommonJS through swc; packages that ship only ESM are transformed too.
const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  // Middy ships ES modules only, whose export map Jest does not follow.
  moduleNameMapper: { '^@middy/(core|util)$': '<rootDir>/node_modules/@middy/$1/index.js' },
  transformIgnorePatterns: ['/node_modules/(?!@middy/)'],
  modulePathIgnorePatterns: ['<rootDir>/(cdk\\.out|build|\\.local|\\.cache)/'],
};

export default {
  maxWorkers: 2,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/test/(journeys|integration)/',
        '<rootDir>/test/mutation/template-mutation',
      ],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
    },
    {
      ...shared,
      displayName: 'journeys',
      testMatch: ['<rootDir>/test/journeys/**/*.test.ts'],
      globalSetup: '<rootDir>/test/journeys/synthesize-once.ts',
    },
    // Only through test/mutation/main.ts, which says what is to be played.
    ...(process.env.TEMPLATE_MUTANTS === undefined
      ? []
      : [
          {
            ...shared,
            displayName: 'mutation',
            testMatch: ['<rootDir>/test/mutation/template-mutation.test.ts'],
            globalSetup: '<rootDir>/test/mutation/synthesize.ts',
          },
        ]),
  ],
};
