<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en">
<context>
    <name>nas::ArchitecturePanel</name>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>nas::MainWindow</name>
    <message numerus="yes">
        <source>Select two to four rows to compare; %n are selected.</source>
        <translation>
            <numerusform>Select two to four rows to compare; %n is selected.</numerusform>
            <numerusform>Select two to four rows to compare; %n are selected.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>nas::StudiesModel</name>
    <message numerus="yes">
        <source>%n column(s)</source>
        <translation>
            <numerusform>%n column</numerusform>
            <numerusform>%n columns</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>nas::TablePage</name>
    <message numerus="yes">
        <source>at least %Ln row(s)</source>
        <translation>
            <numerusform>at least %Ln row</numerusform>
            <numerusform>at least %Ln rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) pass the filter</source>
        <translation>
            <numerusform>%Ln row passes the filter</numerusform>
            <numerusform>%Ln rows pass the filter</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s)</source>
        <translation>
            <numerusform>%Ln row</numerusform>
            <numerusform>%Ln rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %Ln selected</source>
        <translation>
            <numerusform>, %Ln selected</numerusform>
            <numerusform>, %Ln selected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) written to %1</source>
        <translation>
            <numerusform>%Ln row written to %1</numerusform>
            <numerusform>%Ln rows written to %1</numerusform>
        </translation>
    </message>
</context>
</TS>
