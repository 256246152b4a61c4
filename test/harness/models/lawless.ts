import maxRegister from '../../checkers/user-model/max-register.ts';

/** It says that a raise changes nothing. */
export default { ...maxRegister, observes: () => true };
