"""What `bench` says and keeps of its measurements: tables, sentences, plots and records."""
