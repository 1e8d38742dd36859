"""What whoever runs the service needs: measures, logs, copies, moves."""
