package io.qwark.jobs;

import io.qwark.jobs.doctor.Doctor;
import io.qwark.jobs.doctor.Finding;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description = "Look at Java, Spark, devices, native libraries, memory and a model folder.")
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--model", paramLabel = "FOLDER", description = "A model folder to look at.")
  private Path model;

  private final Terminal terminal;

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<Finding> findings = Doctor.examine(model);
    Doctor.print(findings, terminal.out());
    return Doctor.isWell(findings) ? Main.DONE : Main.MISTAKE;
  }
}
