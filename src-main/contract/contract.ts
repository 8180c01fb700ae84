/**
 * Everything the window can ask and hear. Both sides read this description and nothing else of each other: main
 * implements it, the window calls it, input and output are parsed against it, and undeclared fields never leave main.
 * Streams (`watch`) carry state, never commands.
 */
import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract';
import { alerts } from './alerts.ts';
import { audit } from './audit.ts';
import { board } from './board.ts';
import { caps } from './caps.ts';
import { grants } from './grants.ts';
import { isolation } from './isolation.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import { margins } from './margins.ts';
import { prices } from './prices.ts';
import { profiles } from './profiles.ts';
import { reports } from './reports.ts';
import { requests } from './requests.ts';
import { session } from './session.ts';
import { shell } from './shell.ts';
import { tenants } from './tenants.ts';
import { welcome } from './welcome.ts';
import { vault } from './vault.ts';

export const contract = {
  welcome,
  shell,
  vault,
  profiles,
  session,
  board,
  caps,
  limits,
  alerts,
  requests,
  tenants,
  keys,
  grants,
  prices,
  margins,
  reports,
  audit,
  isolation,
};

export type Contract = typeof contract;
export type ContractInputs = InferContractRouterInputs<Contract>;
export type ContractOutputs = InferContractRouterOutputs<Contract>;
