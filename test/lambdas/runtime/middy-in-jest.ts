// To be imported before anything that uses middy: it ships as ES modules only, which Jest's resolver does not find by
// their names.
jest.mock('@middy/core', () => jest.requireActual('../../../node_modules/@middy/core/index.js'), {
  virtual: true,
});
jest.mock('@middy/util', () => jest.requireActual('../../../node_modules/@middy/util/index.js'), {
  virtual: true,
});
