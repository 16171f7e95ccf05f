import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.tools', '<rootDir>/dist'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Two at least: many tests wait for other processes, so even a single processor is kept busy by two workers.
  maxWorkers: Math.max(2, availableParallelism()),
  // Concurrent tests of one file mostly wait, so there are more of them than processors.
  maxConcurrency: 20,
  testTimeout: 60_000,
};

export default config;
