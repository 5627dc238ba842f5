import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: [...resolveIgnoresFromGitignore(), 'contract/api.ts', 'client/schema.ts'] }),
  {
    rules: {
      // A type and the schema that it comes from, or an action and the function that it calls, may share a name.
      '@typescript-eslint/no-redeclare': 'off',
      // The inner `db` is a transaction and shadows the outer one on purpose: the wrong one cannot be written.
      'no-shadow': 'off'
    }
  }
]
