import { useEffect, useState } from 'react';
import type { ContractOutputs } from '../../src-main/contract/contract.ts';

export type KeychainState = ContractOutputs['vault']['keychain'];

const UNTRIED: KeychainState = { usable: false, reason: 'The keychain of this computer could not be tried.' };

/** Whether this computer's keychain can be trusted; null while it is being tried. */
export function useKeychain(probe: () => Promise<KeychainState>): KeychainState | null {
  const [keychain, setKeychain] = useState<KeychainState | null>(null);
  useEffect(() => {
    let left = false;
    probe().then(
      (found) => left || setKeychain(found),
      () => left || setKeychain(UNTRIED),
    );
    return () => {
      left = true;
    };
  }, [probe]);
  return keychain;
}
