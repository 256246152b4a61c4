import maxRegister from '../../checkers/user-model/max-register.ts';

/** A step that never comes back, and says when it is reached. */
export default {
  ...maxRegister,
  step() {
    process.stderr.write('stepping\n');
    for (;;);
  },
};
