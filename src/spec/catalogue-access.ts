// Owns the codes about how entities relate: references, links, identities, and what SEMANTICS 2.6 warns of.
// Never about the form of a value (catalogue-shape.ts).

import type { CatalogueEntry } from './catalogue.ts';

export const REFERENCE_CODES = {
  'reference.unknown': {
    severity: 'error',
    summary: 'Unknown reference',
    variants: {
      method: 'Unknown method',
      group: 'Unknown group',
      user: 'Unknown user',
      application: 'Unknown application',
      audience: 'Unknown audience',
      scope: 'Unknown scope',
      subject: 'Unknown subject',
      policy: 'Unknown policy',
      'method-attribute': 'Unknown attribute of a method',
      site: 'Unknown site',
      claim: 'Unknown claim',
      resource: 'Unknown resource',
      role: 'Unknown role',
      customer: 'Unknown customer',
      'role-or-function': 'Unknown role or function',
    },
    explanation:
      "Something is named that no document declares (SEMANTICS U-20, N-11). A bare name is looked up in the same site, another site's entity is written Site/Name, what belongs to no site, such as methods, scopes, roles and customers, stands in the catalogues of the server documents. Names that failed for another reason are not reported here.",
  },
  'reference.ambiguous': {
    severity: 'error',
    summary: 'Several sites have the name',
    explanation:
      'Outside of a site a bare name is enough where one site alone has it. Here several do, and which of them is meant must not be a guess: write Site/Name.',
  },
  'link.not-given': {
    severity: 'error',
    summary: 'Link is not given by the other site',
    explanation:
      "Within a site a link may be written at either end. Across sites the giving end must write it: the application's allowed_to, the group's members, the user's impersonated_by. Otherwise a team could help itself to another team's user, group or application. The help line shows what the other team writes, and where.",
  },
  'link.ends-differ': {
    severity: 'error',
    summary: 'The two ends of a link let it end at different times',
    explanation:
      'A link may be written at either end or at both, and expires too. Written at one end it holds for the link; with two different dates nobody could say which one holds. Write one.',
  },
  'link.conflict': {
    severity: 'error',
    summary: 'An application impersonates at most one user',
    explanation:
      'Two users are named for one application, at one end or at both (SEMANTICS U-30). Whose rights its tokens carry must not depend on anything unwritten. Keep one; both places are shown.',
  },
  'group.cycle': {
    severity: 'error',
    summary: 'Groups contain each other',
    explanation:
      'A group is, through its members, a member of itself (SEMANTICS U-29). All groups of the circle would have the same members, which is hardly what any of them says. Remove one of the links.',
  },
  'group.built-in': {
    severity: 'error',
    summary: 'everyone is a built-in group',
    variants: { member: 'Nobody is put into everyone' },
    explanation:
      'Every site has the group everyone, which every user of the site is in, and which is declared nowhere. It is named like any group: in allowed_to, in the members of other groups as group:everyone, in access rules and in policies, from another site as Site/everyone. A group of that name could not be told from it: rename it, and mind that what still names everyone is then about every user of the site. Nobody joins it by member_of either.',
  },
  'policy.reserved-claim': {
    severity: 'error',
    summary: 'Policy gives a value to a reserved name',
    explanation:
      'Names such as sub, aud, scope and client_id say what a token is, for whom and until when; servers decide by them. A policy that gave one another value would change what the token means (SEMANTICS U-65). Give the value another name.',
  },
  'policy.name-not-given': {
    severity: 'error',
    summary: 'No item of the policy gives the name',
    explanation:
      'required and single_value name values that items of the same policy give. Of a name that no item gives, required could never be met, so that every application with the policy would be denied, and single_value says nothing (SEMANTICS U-63). Correct the name, or add the item.',
  },
  'role.cycle': {
    severity: 'error',
    summary: 'Roles contain each other',
    explanation:
      'A role is, through the roles that it contains, contained in itself (SEMANTICS A-24). Who has one role of the circle would have them all, which is hardly what any of them says. Remove one of the links.',
  },
  'role.function-is-role': {
    severity: 'error',
    summary: 'A function has the name of a role',
    explanation:
      'Roles and functions are one namespace, as required_role and permission_scope take either by its name alone (SEMANTICS X-17). A function that is called like a role could not be told from it: a role that is contained stands under roles:, and a function gets a name of its own.',
  },
  'customer.cycle': {
    severity: 'error',
    summary: 'Customers are above each other',
    explanation:
      'A customer is, through its parents, above itself (SEMANTICS A-11). What is granted for one customer of the circle would count for all of them. Remove one parent.',
  },
  'customer.without-role': {
    severity: 'error',
    summary: 'Customer without a required role',
    explanation:
      'At an application, customer says for which customer a user must have its required_role (SEMANTICS A-11). Without required_role nothing is asked for, and the application would be open to more people than its author believes. Write required_role, or remove customer.',
  },
  'resource.no-token-rule': {
    severity: 'error',
    summary: 'No rule of the resource is about tokens',
    explanation:
      'A resource is opened by a token that one of its rules lets through; conditions about groups, methods and addresses only hold beside that (SEMANTICS N-52, X-14). Without such a rule nobody would get in. Write { client: NAME }, { audience: NAME } or both, perhaps with scopes.',
  },
  'resource.rule-twice': {
    severity: 'error',
    summary: 'Two rules of a resource are about the same tokens',
    explanation:
      'A resource has one rule for a client and an audience (SEMANTICS N-52): of two, any would be enough, so that the scopes of the stricter one would say nothing. Keep one.',
  },
  'resource.scope-not-held': {
    severity: 'error',
    summary: 'Client of a rule cannot hold its scopes',
    explanation:
      'A rule of a resource names a client and scopes that this client may not ask for: they are not in its metadata.scope, so no token ever passes (SEMANTICS N-52). Let the client ask for them, or correct the rule.',
  },
  'resource.ambiguous': {
    severity: 'error',
    summary: 'Two resources cover the same requests',
    explanation:
      'Of several resources that cover a request the most specific one decides alone: one with a host before one without, then the longer path, then one with methods before one without. Nothing tells these two apart, so which rules hold would be a guess. Put them together, or give them different methods.',
  },
  'resource.shadows': {
    severity: 'error',
    summary: 'Resource covers what this server answers itself',
    explanation:
      "At the issuer's host this server answers some paths itself: those where tokens are asked for and checked, where people log in, its metadata and its health. A resource that covers one of them would protect something that no proxied request ever reaches, or keep clients from the tokens that it asks for. Give the resource a host of its own, or a path that covers none of these.",
  },
  'client-id.duplicate': {
    severity: 'error',
    summary: 'Two applications have one client_id',
    explanation:
      'A client_id identifies one application in the whole spec, across sites; it is the name of the application where none is written. Write client_id on one of them; both places are shown.',
  },
  'client-id.not-a-scope-token': {
    severity: 'error',
    summary: 'client_id cannot be asked for as a scope',
    explanation:
      'A client asks for an audience by its client_id in scope, which is a list of tokens separated by spaces: %x21 / %x23-5B / %x5D-7E (RFC 6749 section 3.3). An application that others name as an audience needs a client_id without spaces, quotes and backslashes.',
  },
  'sub.duplicate': {
    severity: 'error',
    summary: 'Two users have one sub',
    explanation:
      'sub identifies one user in the whole spec; it is Site/Name where none is written. Two users with one sub are one person to everybody who reads the tokens. Change one; both places are shown.',
  },
  'scope.name-conflict': {
    severity: 'error',
    summary: 'Scope name is taken',
    explanation:
      'Scopes of the catalogue, client_ids, the protocol scopes openid, userinfo and oidc, and profile, email, address, phone and offline_access are asked for in the same parameter, so they are one namespace (SEMANTICS X-22). Of these the catalogue may have the last five, for their descriptions. Rename one of them.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export const LINT_CODES = {
  'client-id-collides-with-user': {
    severity: 'error',
    summary: 'client_id equals the identity of a user',
    explanation:
      "A client that is named like a user can be taken for the user by whoever reads the token's sub (RFC 9700 section 4.15, SEMANTICS U-80). Letters' case is ignored; a user's name, sub, and the attributes uid, mail, email and preferred_username count: by all of them people log in. Rename the client.",
  },
  'cc-mixed-grants': {
    severity: 'error',
    summary: 'client_credentials beside other grants',
    waivable: true,
    explanation:
      'A client that acts by itself and also on behalf of users mixes two kinds of rights behind one secret (SEMANTICS U-81). Make it two applications.',
  },
  'server-app-has-grants': {
    severity: 'error',
    summary: 'Server application has grant types',
    waivable: true,
    explanation:
      "An application that stands in another's audience list receives tokens; with grant types of its own it could also obtain them with the same credentials (SEMANTICS U-82). Write grant_types: [], or make the client part an application of its own.",
  },
  'empty-audience-allowlist': {
    severity: 'error',
    summary: 'Impersonating client names no audience',
    explanation:
      'A client that impersonates a user must say which server applications it may ask for, in metadata.scope or metadata.aud (SEMANTICS U-83); scopes alone, such as openid, name none, its own client_id does. Without a list some servers grant every audience the user can reach.',
  },
  'server-app-mixed-methods': {
    severity: 'warning',
    summary: 'Server application has other methods too',
    explanation:
      'A server application that is reached by client_credentials also lists methods of another type, so that other logins may lead to tokens for it (SEMANTICS U-84). Keep only methods of type client_credentials, unless that is meant.',
  },
  'client.public-with-grant': {
    severity: 'error',
    summary: 'Public client with a grant for confidential ones',
    explanation:
      'token_endpoint_auth_method: none makes a public client: anybody can be it. client_credentials and password are for clients that prove who they are (RFC 6749 section 4.4, SEMANTICS N-10). Give it a secret and another method, or remove the grant.',
  },
  'client.public-with-secret': {
    severity: 'error',
    summary: 'Public client with a secret',
    explanation:
      'token_endpoint_auth_method: none says that the client cannot keep a secret, and yet one is written. Whoever reads it would believe that the secret protects something (RFC 6749 section 10.1). Remove one of the two.',
  },
  'client.no-secret': {
    severity: 'warning',
    summary: 'Client cannot authenticate',
    explanation:
      'The client has a grant for which it has to prove who it is, and no secret to do so, so every request of it is refused. Write secret: { env: NAME }; token_endpoint_auth_method: private_key_jwt with a key; or, of a client that cannot keep a secret, token_endpoint_auth_method: none.',
  },
  'application.no-method': {
    severity: 'warning',
    summary: 'No method for client_credentials',
    explanation:
      'The application has the grant client_credentials, or is an audience of a client that has, but none of the methods that it lists is of type client_credentials: no token by that grant is possible (METHOD_NOT_ON_APPLICATION). List such a method at the application or in the defaults of its site.',
  },
  'method.not-on-site': {
    severity: 'warning',
    summary: 'Method is not one of the site',
    explanation:
      "Only methods in the site's own list can be used in it (SEMANTICS U-24), so this one has no effect here. Add it to methods: of the site, or remove it.",
  },
  'method.unused': {
    severity: 'warning',
    summary: 'Method of the site is used by nothing',
    variants: { catalogue: 'Method of the catalogue is used by no site' },
    explanation:
      "The site's list opens a method that none of its applications, groups and users lists, or the catalogue has one that no site lists, so it has no effect. Remove it, or list it where it is meant to be used.",
  },
  'application.unreachable': {
    severity: 'warning',
    summary: 'Nobody may reach the application',
    explanation:
      'An application is open only to the members of the groups in its allowed_to (SEMANTICS U-27), and here that is nobody: there is no such group, or none of them has a member or lists a client_credentials method. No token for this application can be issued. allowed_to: [everyone] opens it to every user of the site, and to no client that acts as itself: such a one needs a group that lists its method. A client to which users log in may write access_rules or required_role instead. A client that impersonates a user and that no other client names does not need to be reached itself.',
  },
  'group.empty': {
    severity: 'warning',
    summary: 'Group has no members',
    explanation:
      'Nobody gains anything by this group. Only a group that lists a method of type client_credentials works without members: the clients that use the method count as its members (SEMANTICS U-26).',
  },
  'group.unused': {
    severity: 'warning',
    summary: 'Group opens nothing',
    explanation:
      'No application is open to the group, it is a member of no other group, it gives its members no role, and no access rule and no item of a policy names it, so being in it has no effect. Name it in an allowed_to, or remove it.',
  },
  'role.unused': {
    severity: 'warning',
    summary: 'Role is named by nothing',
    explanation:
      'No user, group and application has the role, no other role contains it, and no required_role and permission_scope names it, so it has no effect. Mostly what should name it is misspelt, or it is left from earlier.',
  },
  'customer.unused': {
    severity: 'warning',
    summary: 'Customer is named by nothing',
    explanation:
      'No role is granted for the customer, no application asks for a role for it, and no other customer has it as parent, so it has no effect.',
  },
  'policy.literal-expression': {
    severity: 'warning',
    summary: 'Expression within a literal text',
    explanation:
      'The value of an item that begins with text: is what stands behind it, letter for letter (SEMANTICS U-62): an expression there is no attribute, and every user has the same words. Write user:NAME, or the expression without text:, for the attribute of the user.',
  },
  'policy.unused': {
    severity: 'warning',
    summary: 'Policy is used by no application',
    explanation:
      'No application names the policy, so it releases nothing and asks for nothing. Write policy: NAME at an application, or remove it.',
  },
  'policy.no-effect': {
    severity: 'warning',
    summary: 'Policy at an application that is never asked about a user',
    explanation:
      'A policy is about a user: the one who logged in, or the one as whom a client acts. This application is no audience of such a token: it is no client and no client names it, or it only acts as itself. So its policy releases nothing and its constraints are never looked at.',
  },
  'attribute.unknown': {
    severity: 'warning',
    summary: 'No user has the attribute',
    explanation:
      'An item of a policy releases an attribute that no user of the spec has, so it releases nothing; where the name is required, every application with the policy is denied. Mostly the name is misspelt.',
  },
  'access-rule.no-effect': {
    severity: 'warning',
    summary: 'Access rule never holds or is never looked at',
    explanation:
      'A rule about a method holds for users who logged in by it, which is one that the application lists itself: of another one the rule never holds, so that of all rules nobody passes. By client_credentials no user logs in, and only rules about addresses count (SEMANTICS X-13).',
  },
} as const satisfies Record<string, CatalogueEntry>;
