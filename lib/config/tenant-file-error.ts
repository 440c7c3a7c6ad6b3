/** A tenant file that cannot be used; `message` names file and field, and says how to fix it. */
export class TenantFileError extends Error {
  readonly file: string;
  /** Path inside the file such as `numbers[0].integrationId`; empty when the file as a whole is meant. */
  readonly field: string;

  constructor(file: string, field: string, problem: string) {
    super(field === '' ? `${file}: ${problem}` : `${file}: ${field}: ${problem}`);
    this.name = 'TenantFileError';
    this.file = file;
    this.field = field;
  }
}
