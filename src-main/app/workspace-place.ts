import { OperatorError } from '../infra/operator-error.ts';
import type { Workspace } from './create-workspace.ts';

/** The workspace that calls go to, and the signal that it is closed. */
export interface OpenWorkspace extends Pick<Workspace, 'services' | 'access' | 'gate'> {
  readonly closed: AbortSignal;
}

/** Where the open workspace stands, if there is one. */
export interface WorkspacePlace {
  /** Throws OperatorError UNAUTHORIZED with the sentence of why there is none. */
  find(): OpenWorkspace;
  /** From now on calls go to this one; what was open is closed. */
  open(workspace: Workspace): Promise<void>;
  /** From now on calls are refused with this sentence. Answers when everything of the workspace is closed. */
  close(why: string): Promise<void>;
}

export function createWorkspacePlace(): WorkspacePlace {
  let current: { readonly workspace: Workspace; readonly closing: AbortController } | undefined;
  let reason = 'No platform is connected.';

  async function leave(left: typeof current): Promise<void> {
    left?.closing.abort();
    await left?.workspace.close();
  }

  return {
    find() {
      if (!current) throw new OperatorError('UNAUTHORIZED', reason);
      const { services, access, gate } = current.workspace;
      return { services, access, gate, closed: current.closing.signal };
    },
    open(workspace) {
      const left = current;
      current = { workspace, closing: new AbortController() };
      return leave(left);
    },
    close(why) {
      const left = current;
      current = undefined;
      reason = why;
      return leave(left);
    },
  };
}
