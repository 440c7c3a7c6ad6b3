import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { bridgeArchitecture, bridgeRuntime } from './bridge-function.ts';

/** Makes the layer of third-party packages; our own code never goes there, so a function rolls back as one. */
export function createVendorLayer(
  scope: Construct,
  id: string,
  { name, folder }: { name: string; folder: string },
): LayerVersion {
  return new LayerVersion(scope, id, {
    layerVersionName: name,
    description: 'Third-party runtime packages, see layers/vendor/manifest.json',
    code: Code.fromAsset(folder),
    compatibleRuntimes: [bridgeRuntime],
    compatibleArchitectures: [bridgeArchitecture],
  });
}
