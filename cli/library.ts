/** The functions of the npm package: `import { validateTemplate } from 'genesys-cloud-cfn'`. */
export { validateTemplate } from './validate/validate.ts';
