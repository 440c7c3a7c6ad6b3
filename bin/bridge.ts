// The CDK app: picks tenant and stage from -c, makes the two stacks of that pair.
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { createBridge, explainFailure } from '../lib/bridge-app.ts';

const app = new App();
try {
  createBridge(app, join(import.meta.dirname, '..'));
} catch (error) {
  const explanation = explainFailure(error);
  if (explanation === undefined) throw error;
  console.error(explanation);
  process.exit(1);
}
