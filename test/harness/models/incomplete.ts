export default { name: 'incomplete', summary: '', partition: 'key', timed: false, initial: 0 };
