// The logger for problems.
import { Logger } from '@aws-lambda-powertools/logger';
import { redact } from './redaction.ts';

export interface ProblemLogger {
  /** One line of level ERROR; `problem` becomes its `message`. */
  error(problem: string, fields: object): void;
}

export function createLogger(service: string): ProblemLogger {
  const logger = new Logger({ serviceName: service });
  return {
    // Redacted before Powertools adds its own keys, one of which is called `message`.
    error: (problem, fields) => logger.error(problem, JSON.parse(JSON.stringify(fields, redact))),
  };
}
