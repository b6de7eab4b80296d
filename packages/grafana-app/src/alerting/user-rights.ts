/** What the user's permissions in Grafana allow, so that nothing is offered that would be refused. Grafana itself has the last word. */

export interface UserRights {
  create: boolean
  edit: boolean
  remove: boolean
  silence: boolean
  endSilence: boolean
  seeContactPoints: boolean
}

const PROVISIONING = ['alert.provisioning:write', 'alert.rules.provisioning:write']

/** `permissions`: those of `config.bootData.user`, action → granted for some scope. */
export function readUserRights(permissions: Record<string, boolean> | undefined): UserRights {
  const may = (...actions: string[]) => actions.some((action) => permissions?.[action])
  // Rules are written by the provisioning API, with its mark taken off.
  const mayWrite = (action: string) => may(...PROVISIONING) || (may(action) && may('alert.provisioning.provenance:write'))
  return {
    create: mayWrite('alert.rules:create'),
    edit: mayWrite('alert.rules:write'),
    remove: mayWrite('alert.rules:delete'),
    silence: may('alert.instances:create', 'alert.silences:create'),
    endSilence: may('alert.instances:write', 'alert.silences:write'),
    seeContactPoints: may('alert.notifications:read', 'alert.provisioning:read', 'alert.notifications.provisioning:read'),
  }
}
