import type { Router } from '@orpc/server';
import type { Contract } from '../contract/contract.ts';

/** What a shell serves: every call of the contract implemented, needing no context from the shell. */
export type ConsoleRouter = Router<Contract, object>;
